import type { SlotState } from '../../dashboard-state.ts';
import { inBytes, inTime } from '../in-words.ts';
import { slice } from '../live-state.ts';
import { Mark } from './connectors.tsx';
import { Section } from './section.tsx';

const slots = slice('slots');

/** How much log each slot makes the server keep, and how long that can go on. */
export function Slots() {
  const now = slots.value;
  return (
    <Section title="Log held by the slots" width="full" problem={now?.problem ?? null}>
      {now?.slots.map((slot) => (
        <SlotRow key={slot.name} slot={slot} />
      ))}
      {now?.slots.length === 0 ? <p class="nothing">There is no replication slot.</p> : null}
    </Section>
  );
}

function SlotRow({ slot }: { readonly slot: SlotState }) {
  const { bytesHeld, bytesLeft, bytesPerSecond, msUntilFull } = slot;
  const budget = bytesLeft === null ? null : bytesHeld + bytesLeft;
  const share = budget === null ? 0 : Math.min(100, (100 * bytesHeld) / budget);
  return (
    <div class="slot" data-health={slot.health}>
      <h3>{slot.name}</h3>
      <Mark health={slot.health} text={slot.active ? slot.walStatus : `unread, ${slot.walStatus}`} />
      <p class="until">
        {msUntilFull === null ? 'Does not grow towards its limit' : `Full in ${inTime(msUntilFull)}`}
      </p>
      <div class="gauge" aria-hidden="true">
        <i style={{ width: `max(2px, ${share.toFixed(2)}%)` }} />
      </div>
      <p class="held">
        <b>{inBytes(bytesHeld)}</b> held{budget === null ? ', no limit' : ` of ${inBytes(budget)}`}
        <span class="quiet">
          {' '}
          {bytesPerSecond === null
            ? ''
            : `${bytesPerSecond < 0 ? '−' : '+'}${inBytes(Math.abs(bytesPerSecond))}/s`}
        </span>
      </p>
    </div>
  );
}
