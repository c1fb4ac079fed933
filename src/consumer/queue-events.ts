import { PipelineError } from '../platform/errors.ts';
import type { Transaction } from '../platform/postgres/transaction.ts';
import type { SeenHold } from './announce-held-keys.ts';
import type { Verdict } from './decide-key-order.ts';
import { countQueued, holdKeys } from './held-keys.ts';
import type { ConsumerScope, HeldKey, Hold } from './held-keys.ts';
import { insertQueued } from './queued-events.ts';
import type { ReceivedEvent } from './receive-records.ts';

/** How many events may wait behind held keys, before a consumer would rather stop than go on. */
export interface QueueCaps {
  readonly perKey: number;
  readonly inAll: number;
}

export const DEFAULT_CAPS: QueueCaps = { perKey: 10_000, inAll: 100_000 };

/** What became of the events of a batch that could not be applied. */
export interface Queueing {
  readonly queued: number;
  /** Already in a queue. */
  readonly duplicates: number;
  /** The keys that began to be held. */
  readonly began: readonly SeenHold[];
  /** The event that a waiting key waits for has come. */
  readonly canGoOn: boolean;
}

export const NOTHING_QUEUED: Queueing = { queued: 0, duplicates: 0, began: [], canGoOn: false };

/**
 * Sets aside what can't be applied now: holds the keys that fail or miss an event, and queues everything of a held key.
 * @throws PipelineError `parked_full` beyond a cap; instances that add at the same moment may exceed the cap in all by a batch
 */
export async function queueEvents(
  tx: Transaction,
  scope: ConsumerScope & { partition: number },
  batch: {
    readonly events: readonly ReceivedEvent[];
    readonly verdicts: readonly Verdict[];
    readonly held: ReadonlyMap<string, HeldKey>;
  },
  caps: QueueCaps,
): Promise<Queueing> {
  const began: SeenHold[] = [];
  const queued = batch.events.filter((event, index) => {
    const verdict = batch.verdicts[index];
    const hold = verdict === undefined ? undefined : holdFor(verdict, event.identity.keySeq);
    if (hold !== undefined) began.push({ event, hold, attempts: 1 });
    return hold !== undefined || verdict?.kind === 'behind';
  });
  if (queued.length === 0) return NOTHING_QUEUED;
  const holds = new Map(began.map(({ event, hold }) => [event.identity.key, hold]));
  if (holds.size > 0) await holdKeys(tx, scope, holds);
  const added = await insertQueued(tx, scope, queued);
  await refuseBeyondCaps(tx, scope, { added, held: batch.held, caps });
  const expectedOf = (key: string): number | null | undefined =>
    (holds.get(key) ?? batch.held.get(key))?.expectedSeq;
  const sum = [...added.values()].reduce((all, one) => all + one, 0);
  return {
    queued: sum,
    duplicates: queued.length - sum,
    began,
    canGoOn: queued.some(({ identity: { key, keySeq } }) => keySeq !== null && keySeq === expectedOf(key)),
  };
}

function holdFor(verdict: Verdict, keySeq: number | null): Hold | undefined {
  if (verdict.kind === 'failed') return { state: 'parked', failure: verdict.failure, expectedSeq: null };
  return verdict.kind === 'gap' ? waitingFor(verdict.expected, keySeq) : undefined;
}

export function waitingFor(expected: number, seen: number | null): Hold {
  const missing =
    seen === null || seen - expected === 1
      ? `event ${expected} is missing`
      : `events ${expected} to ${seen - 1} are missing`;
  return {
    state: 'waiting',
    expectedSeq: expected,
    failure: {
      code: 'event_gap',
      reason: `Sequence ${expected} is expected next, but ${missing}.`,
      stack: null,
    },
  };
}

async function refuseBeyondCaps(
  tx: Transaction,
  scope: ConsumerScope,
  at: { added: ReadonlyMap<string, number>; held: ReadonlyMap<string, HeldKey>; caps: QueueCaps },
): Promise<void> {
  for (const [key, added] of at.added)
    if ((at.held.get(key)?.events ?? 0) + added > at.caps.perKey)
      throw full(scope, `More than ${at.caps.perKey} events wait behind one key`);
  if ((await countQueued(tx, scope.consumer)) > at.caps.inAll)
    throw full(scope, `More than ${at.caps.inAll} events wait behind held keys`);
}

const full = ({ consumer }: ConsumerScope, what: string): PipelineError =>
  new PipelineError('parked_full', `${what} of consumer ${consumer}.`, {
    remedy:
      'See `npx outbox parked list`: mend the cause, ask for redrive, discard or skip, and start the consumer again: it does that before it reads on. Or give it a higher cap (maxQueuedPerKey, maxQueued).',
  });
