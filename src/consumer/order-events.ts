import type { Transaction } from '../platform/postgres/transaction.ts';
import { decideKeyOrder } from './decide-key-order.ts';
import type { KeySequence, SequencedEvent, Verdict } from './decide-key-order.ts';
import type { ConsumerDefinition, Effect } from './define-consumer.ts';
import type { ConsumerScope } from './held-keys.ts';
import { selectKeySequences } from './key-sequences.ts';
import { selectDecided } from './parked-decisions.ts';
import { selectProcessed } from './processed-events.ts';
import type { ReceivedEvent } from './receive-records.ts';
import { runHandlers } from './run-handlers.ts';

/** A batch, judged: what to do with each event, and what the handlers want of those whose turn it is. */
export interface OrderedEvents<Change> {
  readonly events: readonly ReceivedEvent[];
  readonly verdicts: readonly Verdict[];
  readonly keys: ReadonlyMap<string, KeySequence>;
  readonly effects: ReadonlyMap<number, Effect<Change>>;
  /** Events whose sequence an operator has skipped: they come too late. */
  readonly skipped: ReadonlySet<string>;
}

/** What is known of the events of a batch and of their keys. */
export interface History {
  readonly processed: ReadonlySet<string>;
  readonly keys: ReadonlyMap<string, KeySequence>;
}

/**
 * Two statements; none when there are no events.
 * @param trust the key's sequence where it says that an event is new: then only the others are looked for among those that are done, mostly
 * none. That look costs more than any other statement of a small batch, since Postgres plans it anew over all days each time.
 */
export async function readHistory(
  tx: Transaction,
  scope: ConsumerScope,
  events: readonly ReceivedEvent[],
  trust: 'sequences' | 'nothing' = 'nothing',
): Promise<History> {
  if (events.length === 0) return { processed: new Set(), keys: new Map() };
  const identities = events.map(({ identity }) => identity);
  const keys = await selectKeySequences(tx, scope, [...new Set(identities.map(({ key }) => key))]);
  const doubtful =
    trust === 'nothing'
      ? identities
      : identities.filter(({ key, keySeq }) => keySeq === null || keySeq <= (keys.get(key)?.lastSeq ?? 0));
  const ids = [...new Set(doubtful.map(({ eventId }) => eventId))];
  const processed = ids.length === 0 ? new Set<string>() : await selectProcessed(tx, scope.consumer, ids);
  return { processed, keys };
}

/** Judges events by what is known of them and their keys. */
export async function orderEvents<Payloads, Change>(
  tx: Transaction,
  definition: ConsumerDefinition<Payloads, Change>,
  events: readonly ReceivedEvent[],
  known: History & {
    readonly held: ReadonlySet<string>;
    readonly fromFirstOffset: (index: number) => boolean;
  },
): Promise<OrderedEvents<Change>> {
  if (events.length === 0)
    return { events, verdicts: [], keys: new Map(), effects: new Map(), skipped: new Set() };
  const scope: ConsumerScope = { consumer: definition.name, topic: definition.topic.name };
  const { processed } = known;
  const identities = events.map(({ identity }) => identity);
  const sequenced = events.map(sequencedEvent);
  const judge = (done: ReadonlySet<string>) => {
    const { effects, tryHandler } = runHandlers(definition, events);
    return { ...decideKeyOrder(sequenced, { ...known, processed: done, tryHandler }), effects };
  };
  const decision = judge(processed);
  // Not on the healthy path: somebody may have settled before what looks like trouble now.
  const troubled = identities.filter((_, index) => isTrouble(events[index], decision.verdicts[index]));
  if (troubled.length === 0) return { ...decision, events, skipped: new Set() };
  const decided = await selectDecided(tx, scope, troubled);
  const skipped = new Set([...decided].filter(([, word]) => word === 'skipped').map(([eventId]) => eventId));
  return { ...judge(new Set([...processed, ...decided.keys()])), events, skipped };
}

function sequencedEvent({ identity, content }: ReceivedEvent): SequencedEvent {
  const { eventId, key, keySeq } = identity;
  return {
    eventId,
    key,
    keySeq,
    ...(content.use === 'unusable' && { unusable: content.failure }),
    ...(content.use === 'discard' && { discarded: true }),
  };
}

const isTrouble = (event: ReceivedEvent | undefined, verdict: Verdict | undefined): boolean =>
  verdict?.kind === 'reused' || (verdict?.kind === 'failed' && event?.content.use === 'unusable');
