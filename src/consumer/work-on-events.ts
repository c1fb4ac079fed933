import { inOneRoundTrip } from '../platform/postgres/in-one-round-trip.ts';
import type { Statement } from '../platform/postgres/statement.ts';
import type { Transaction } from '../platform/postgres/transaction.ts';
import { applyEffects } from './apply-effects.ts';
import type { ConsumerDefinition } from './define-consumer.ts';
import { isWithinHorizon } from './event-horizon.ts';
import { upsertKeySequences } from './key-sequences.ts';
import type { OrderedEvents } from './order-events.ts';
import { dedupeRace, insertProcessed } from './processed-events.ts';
import type { ProcessedEvent } from './processed-events.ts';
import { typeOf } from './taken-events.ts';

/**
 * Applies what is fresh, and records everything that must be remembered, in log order: of events of a batch as of those of a queue.
 * @param options.isLast nothing comes after it in its transaction, so COMMIT is sent along
 * @throws PipelineError `dedupe_race`; whatever `apply` throws
 */
export async function workOnEvents<Payloads, Change>(
  tx: Transaction,
  definition: ConsumerDefinition<Payloads, Change>,
  ordered: OrderedEvents<Change>,
  now: Date,
  options: { readonly isLast?: boolean } = {},
): Promise<readonly ProcessedEvent[]> {
  const toApply = [...ordered.effects].filter(([index]) => ordered.verdicts[index]?.kind === 'fresh');
  const outcomes = await applyEffects(
    tx,
    definition,
    toApply.map(([, effect]) => effect),
    now,
  );
  const outcomeOf = new Map(toApply.map(([index], place) => [index, outcomes[place]]));
  const done = ordered.events.flatMap((received, index): ProcessedEvent[] => {
    const applied = outcomeOf.get(index);
    const outcome = applied ?? wordFor(ordered, index);
    if (outcome === undefined) return [];
    const { content, identity } = received;
    const occurredAt = 'event' in content ? content.event.occurredAt : null;
    return [{ event: identity, type: typeOf(received), outcome, applied: applied !== undefined, occurredAt }];
  });
  await record(tx, recordsOf(definition, once(done), ordered, now), options.isLast === true);
  return done;
}

/** The runtime's own word for an event that was not applied; undefined: there is nothing to remember of it. */
function wordFor(ordered: OrderedEvents<unknown>, index: number): string | undefined {
  const { identity, content } = ordered.events[index] ?? {};
  const kind = ordered.verdicts[index]?.kind;
  if (kind === 'before-base') return 'before_base';
  if (kind === 'duplicate' && ordered.skipped.has(identity?.eventId ?? '')) return 'skipped';
  if (kind !== 'fresh') return undefined;
  return content?.use === 'discard' ? 'discarded' : content?.use;
}

/** A skipped event may come twice in one batch; all others are duplicates from the second time on. */
const once = (done: readonly ProcessedEvent[]): readonly ProcessedEvent[] => [
  ...new Map(done.map((one) => [one.event.eventId, one])).values(),
];

function recordsOf<Payloads, Change>(
  definition: ConsumerDefinition<Payloads, Change>,
  done: readonly ProcessedEvent[],
  ordered: OrderedEvents<Change>,
  now: Date,
): readonly Statement[] {
  // One that was parked for longer than anything is remembered has its sequence alone to be known by.
  const remembered = done.filter(({ event }) => isWithinHorizon(event.eventId, now));
  const scope = { consumer: definition.name, topic: definition.topic.name };
  return [
    ...(remembered.length > 0 ? [insertProcessed(definition.name, remembered, now)] : []),
    ...(ordered.keys.size > 0 ? [upsertKeySequences(scope, ordered.keys)] : []),
  ];
}

async function record(tx: Transaction, records: readonly Statement[], isLast: boolean): Promise<void> {
  try {
    if (isLast) await tx.commitWith(records);
    else await inOneRoundTrip(records.map((statement) => tx.query(statement)));
  } catch (error) {
    throw dedupeRace(error);
  }
}
