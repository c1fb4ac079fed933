import type { HeldKey } from '../../dashboard-state.ts';
import { actAndTell } from '../ask-server.ts';
import { inCount, inTime } from '../in-words.ts';
import { slice, state } from '../live-state.ts';
import { ask } from './confirm-dialog.tsx';
import { Mark } from './connectors.tsx';
import { Section } from './section.tsx';

const held = slice('held');

/** Keys that a consumer holds back: the rest flows. A parked one waits for a person, a waiting one for the event before it. */
export function HeldKeys() {
  const now = held.value;
  const keys = now?.keys ?? [];
  return (
    <Section
      title="Keys held back"
      width="full"
      aside={keys.length === 0 ? undefined : `${inCount(keys.length)} held, all others flow`}
      problem={now?.problem ?? null}
    >
      <ul class="held-keys">
        {keys.map((key) => (
          <HeldRow key={`${key.consumer}/${key.topic}/${key.key}`} held={key} />
        ))}
      </ul>
      {now !== undefined && keys.length === 0 ? <p class="nothing">None: every key flows.</p> : null}
    </Section>
  );
}

function HeldRow({ held: one }: { readonly held: HeldKey }) {
  const { consumer, topic, key } = one;
  const at = { consumer, topic, key };
  const age = inTime(Math.max(0, (state.value?.at ?? one.since) - one.since));
  const redrive = (): void =>
    ask({
      title: `Run ${key} again?`,
      meaning: `${consumer} applies its ${one.events} queued events in order, through the handlers that run now. If the first fails again, the key stays held.`,
      verb: 'Redrive',
      act: () => actAndTell('held/redrive', at, `${key} is run again.`),
    });
  const discard = (): void =>
    ask({
      title: `Discard the first event of ${key}?`,
      meaning: `${one.firstType ?? 'The event'} is never applied at ${consumer}; the events behind it then go on. This can't be undone.`,
      verb: 'Discard',
      reason: { label: 'Why? It is all that will be left of the event.' },
      act: (reason) =>
        actAndTell('held/discard', { ...at, reason }, `The first event of ${key} was passed over.`),
    });
  return (
    <li>
      <p>
        <Mark health={one.state === 'parked' ? 'broken' : 'slow'} text={one.state} /> <b>{key}</b> at{' '}
        {consumer}, since {age}, {inCount(one.events)} queued
      </p>
      <p class="why">
        {one.state === 'waiting' && one.expectedSeq !== null ? `Event ${one.expectedSeq} is missing. ` : ''}
        {one.reason}
      </p>
      <div class="actions">
        <button type="button" aria-label={`Redrive ${key}`} onClick={redrive}>
          Redrive
        </button>
        {one.state === 'parked' ? (
          <button type="button" aria-label={`Discard the first event of ${key}`} onClick={discard}>
            Discard
          </button>
        ) : null}
      </div>
    </li>
  );
}
