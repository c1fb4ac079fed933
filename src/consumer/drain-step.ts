import { inTransaction } from '../platform/postgres/transaction.ts';
import type { Transaction } from '../platform/postgres/transaction.ts';
import { announceHeld, announceReleased, logUnannounced } from './announce-held-keys.ts';
import type { ConsumerRuntime } from './consumer-runtime.ts';
import type { Verdict } from './decide-key-order.ts';
import type { DrainReport } from './drain-report.ts';
import { eventIds } from './event-ids.ts';
import type { EventIds } from './event-ids.ts';
import { failureFrom } from './failure.ts';
import type { Hold } from './held-keys.ts';
import { identifyRecord } from './identify-record.ts';
import {
  endDrain,
  goOnWith,
  keepHolding,
  lockHeldKey,
  refuseRequest,
  releaseKey,
} from './key-under-drain.ts';
import type { KeyUnderDrain } from './key-under-drain.ts';
import { orderEvents, readHistory } from './order-events.ts';
import type { OrderedEvents } from './order-events.ts';
import { recordDecisions } from './parked-decisions.ts';
import { readStartOffset } from './positions.ts';
import { countOutcomes, oldestOf } from './processed-events.ts';
import { waitingFor } from './queue-events.ts';
import { deleteQueued, selectQueued } from './queued-events.ts';
import type { QueuedEvent } from './queued-events.ts';
import { receiveQueued } from './receive-queued.ts';
import type { ReceivedEvent } from './receive-records.ts';
import { refusalOf } from './refusal-of-request.ts';
import { reusedSequence } from './refuse-reused-sequences.ts';
import { skipMissing } from './skip-missing.ts';
import { recordedEvents } from './taken-events.ts';
import { traceEvents } from './trace-events.ts';
import { workOnEvents } from './work-on-events.ts';

export interface DrainAttempt {
  readonly key: string;
  /** Events to take at most. */
  readonly limit: number;
  /** Nothing of this drain was committed yet. */
  readonly first: boolean;
  /** What was seen, for whoever must judge a failure. */
  seen?: { readonly events: number; readonly held: KeyUnderDrain; readonly first?: EventIds };
}

/**
 * Applies the first events of a held key's queue, by the same path as any batch, in one transaction that holds the key's row:
 * a batch that has more of the key waits for it, and then finds the key either held or let go with all its sequences.
 * If the process dies in here, the queue is as it was before.
 * @returns undefined when the key is not held any more, or its request was refused
 */
export async function drainStep<Payloads, Change>(
  runtime: ConsumerRuntime<Payloads, Change>,
  attempt: DrainAttempt,
): Promise<Omit<DrainReport, 'committedAt'> | undefined> {
  const { definition, pool } = runtime;
  const now = runtime.clock();
  const at = { consumer: definition.name, topic: definition.topic.name, key: attempt.key };
  let endSpans = (): void => undefined;
  const report = await inTransaction(
    pool,
    async (tx) => {
      const held = await lockHeldKey(tx, at);
      if (held === undefined) return undefined;
      attempt.seen = { events: 0, held };
      const refusal = refusalOf(held) ?? (await skipIfAsked(tx, held));
      if (refusal !== undefined) {
        await refuseRequest(tx, held, refusal);
        await endDrain(tx, held);
        return undefined;
      }
      const queued = await selectQueued(tx, at, attempt.limit);
      attempt.seen = { events: queued.length, held, ...idsOfFirst(definition.topic, queued) };
      const traced = traceEvents(runtime, await receiveQueued(runtime, held, queued));
      const hasSeenAll = (await readStartOffset(tx, held)) === 0;
      const ordered = await orderEvents(tx, definition, traced.events, {
        ...(await readHistory(tx, at, traced.events)),
        held: new Set(),
        fromFirstOffset: () => hasSeenAll,
      });
      const recorded = await workOnEvents(tx, definition, ordered, now);
      const doneWith = await takeOut(tx, held, queued, ordered);
      await writeDown(tx, held, ordered);
      const next = nextHold(held.consumer, ordered);
      endSpans = () => traced.committed({ recorded, began: next === undefined ? [] : [next] });
      const applied = recorded.filter((event) => event.applied);
      return {
        ...at,
        applied: applied.length,
        outcomes: countOutcomes(recorded),
        taken: recordedEvents(definition, recorded),
        oldestOccurredAt: oldestOf(applied),
        end: await settle(tx, runtime, held, { ordered, next, doneWith, attempt, now }),
      };
    },
    { searchPath: [definition.schema] },
  );
  endSpans();
  return report;
}

function idsOfFirst(
  topic: Parameters<typeof eventIds>[1] & { readonly name: string },
  [first]: readonly QueuedEvent[],
): { first?: EventIds } {
  if (first === undefined) return {};
  const { record, partition } = first;
  const identity = identifyRecord(record, { topic: topic.name, partition });
  return { first: eventIds({ identity, record }, topic) };
}

async function skipIfAsked(tx: Transaction, held: KeyUnderDrain): Promise<string | undefined> {
  return held.request?.kind === 'skip' ? skipMissing(tx, held, held.request.by) : undefined;
}

async function takeOut(
  tx: Transaction,
  held: KeyUnderDrain,
  queued: readonly QueuedEvent[],
  { verdicts }: OrderedEvents<unknown>,
): Promise<number> {
  const places = queued.flatMap(({ place }, index) => (isDone(verdicts[index]?.kind) ? [place] : []));
  if (places.length > 0) await deleteQueued(tx, held, places);
  return places.length;
}

const isDone = (kind: string | undefined): boolean =>
  kind === 'fresh' || kind === 'duplicate' || kind === 'before-base';

async function writeDown(
  tx: Transaction,
  held: KeyUnderDrain,
  { events, verdicts }: OrderedEvents<unknown>,
): Promise<void> {
  const { request, state } = held;
  if (request === null) return;
  const discarded = events.filter(
    ({ content }, index) => content.use === 'discard' && isDone(verdicts[index]?.kind),
  );
  const identities = discarded.map(({ identity }) => identity);
  if (discarded.length > 0) await recordDecisions(tx, held, 'discarded', identities, request.by);
  // The event that failed stands for those behind it, which were in nobody's way.
  const [head] = events;
  const isHead = request.kind === 'redrive' && !request.begun && state === 'parked';
  if (isHead && head && verdicts[0]?.kind === 'fresh')
    await recordDecisions(tx, held, 'redriven', [head.identity], request.by);
}

async function settle<Payloads, Change>(
  tx: Transaction,
  { definition, log }: ConsumerRuntime<Payloads, Change>,
  held: KeyUnderDrain,
  at: {
    ordered: OrderedEvents<unknown>;
    next: NextHold | undefined;
    doneWith: number;
    attempt: DrainAttempt;
    now: Date;
  },
): Promise<DrainReport['end']> {
  const { ordered, next, doneWith, attempt, now } = at;
  if (next !== undefined) {
    const { event, hold } = next;
    const isSame = doneWith === 0 && held.state === hold.state;
    const again = attempt.first && isSame && hold.state === 'parked';
    const attempts = await keepHolding(tx, held, { hold, again, answer: hold.failure.reason });
    // A key that waits as it waited before is no news.
    const news = isSame && hold.state === 'waiting' ? [] : [{ event, hold, attempts }];
    logUnannounced(log, await announceHeld(tx, definition, news, now));
    return hold.state;
  }
  if (ordered.events.length < attempt.limit) {
    await releaseKey(tx, held);
    logUnannounced(log, await announceReleased(tx, definition, held, now));
    return 'released';
  }
  await endDrain(tx, held);
  if (held.request !== null)
    await goOnWith(tx, held, held.request.kind === 'discard_all' ? 'discard_all' : 'redrive');
  return 'more';
}

interface NextHold {
  readonly event: ReceivedEvent;
  readonly hold: Hold;
}

/** Where the queue can't go on, and why. */
function nextHold(consumer: string, { events, verdicts }: OrderedEvents<unknown>): NextHold | undefined {
  const index = verdicts.findIndex(({ kind }) => kind === 'failed' || kind === 'gap' || kind === 'reused');
  const [event, verdict] = [events[index], verdicts[index]];
  if (event === undefined || verdict === undefined) return undefined;
  const hold = holdFor(consumer, event, verdict);
  return hold && { event, hold };
}

function holdFor(consumer: string, event: ReceivedEvent, verdict: Verdict): Hold | undefined {
  if (verdict.kind === 'gap') return waitingFor(verdict.expected, event.identity.keySeq);
  // The key is held already, so there is no reason to stop everybody else.
  if (verdict.kind === 'reused')
    return parkedBy(failureFrom(reusedSequence(consumer, event, verdict.expected)));
  return verdict.kind === 'failed' ? parkedBy(verdict.failure) : undefined;
}

const parkedBy = (failure: Hold['failure']): Hold => ({ state: 'parked', failure, expectedSeq: null });
