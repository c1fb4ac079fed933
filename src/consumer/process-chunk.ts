import { PipelineError } from '../platform/errors.ts';
import type { Pool } from '../platform/postgres/pool.ts';
import { inTransaction } from '../platform/postgres/transaction.ts';
import type { Transaction } from '../platform/postgres/transaction.ts';
import { applyEffects } from './apply-effects.ts';
import { decideKeyOrder } from './decide-key-order.ts';
import type { KeyOrderDecision } from './decide-key-order.ts';
import type { ConsumerDefinition } from './define-consumer.ts';
import { refuseBrokenOrder } from './refuse-broken-order.ts';
import { selectKeySequences, upsertKeySequences } from './key-sequences.ts';
import { advancePosition } from './positions.ts';
import { insertProcessed, selectProcessed } from './processed-events.ts';
import type { ProcessedEvent } from './processed-events.ts';
import type { ReceivedEvent } from './receive-records.ts';

/** A run of records of one partition that one transaction deals with. */
export interface Chunk {
  readonly partition: number;
  /** The position before: the offset that is expected first. */
  readonly from: number;
  /** The position after: one past the last record, control records included. */
  readonly to: number;
  readonly events: readonly ReceivedEvent[];
}

/** moved: somebody else has moved the position; nothing was done. */
export type ChunkResult =
  | { readonly kind: 'moved' }
  | {
      readonly kind: 'committed';
      readonly recorded: readonly ProcessedEvent[];
      readonly duplicates: number;
      readonly beforeBase: number;
    };

/**
 * Position, dedupe, key order, work and replies in one transaction. Its number of statements does not depend on the
 * chunk's size: 5 and those of `apply`.
 * If the process dies anywhere in here, all of it is undone and the next owner begins at `from` again. If the connection
 * dies during the commit, the next try finds the position either at `from` (undone) or moved (done).
 */
export async function processChunk<Payloads, Change>(
  pool: Pool,
  definition: ConsumerDefinition<Payloads, Change>,
  chunk: Chunk,
  now: Date,
): Promise<ChunkResult> {
  const scope = { consumer: definition.name, topic: definition.topic.name };
  return inTransaction(
    pool,
    async (tx) => {
      const position = await advancePosition(tx, { ...scope, ...chunk });
      if (position === undefined) return { kind: 'moved' };
      const order = await orderOf(tx, scope, chunk, position.startOffset === 0);
      refuseBrokenOrder(definition.name, chunk.events, order.verdicts);
      const recorded = await workOn(tx, definition, chunk, order, now);
      if (recorded.length > 0) await record(tx, scope, recorded, order, now);
      const count = (kind: string): number =>
        order.verdicts.filter((verdict) => verdict.kind === kind).length;
      return {
        kind: 'committed',
        recorded,
        duplicates: count('duplicate'),
        beforeBase: count('before-base'),
      };
    },
    { searchPath: [definition.schema] },
  );
}

async function orderOf(
  tx: Transaction,
  scope: { consumer: string; topic: string },
  chunk: Chunk,
  fromFirstOffset: boolean,
): Promise<KeyOrderDecision> {
  const events = chunk.events.map(({ event }) => event);
  if (events.length === 0) return { verdicts: [], keys: new Map() };
  const processed = await selectProcessed(tx, scope.consumer, [
    ...new Set(events.map((event) => event.eventId)),
  ]);
  const keys = await selectKeySequences(tx, scope, [...new Set(events.map((event) => event.key))]);
  return decideKeyOrder(events, { processed, keys, fromFirstOffset });
}

/** Applies what is fresh and not ignored; gives everything that must be remembered, in log order. */
async function workOn<Payloads, Change>(
  tx: Transaction,
  definition: ConsumerDefinition<Payloads, Change>,
  chunk: Chunk,
  order: KeyOrderDecision,
  now: Date,
): Promise<ProcessedEvent[]> {
  const kindAt = (index: number): string | undefined => order.verdicts[index]?.kind;
  const toApply = chunk.events.filter((received, index) => kindAt(index) === 'fresh' && !received.ignored);
  const outcomes = await applyEffects(tx, definition, toApply, now);
  const outcomeOf = new Map(toApply.map((received, index) => [received, outcomes[index]]));
  return chunk.events.flatMap((received, index) => {
    const kind = kindAt(index);
    if (kind === 'before-base') return [{ event: received.event, outcome: 'before_base' }];
    if (kind !== 'fresh') return [];
    return [{ event: received.event, outcome: outcomeOf.get(received) ?? 'ignored' }];
  });
}

async function record(
  tx: Transaction,
  scope: { consumer: string; topic: string },
  recorded: readonly ProcessedEvent[],
  order: KeyOrderDecision,
  now: Date,
): Promise<void> {
  const inserted = await insertProcessed(tx, scope.consumer, recorded, now);
  if (inserted !== recorded.length)
    throw new PipelineError(
      'dedupe_race',
      `${recorded.length - inserted} of ${recorded.length} events were recorded by another transaction meanwhile.`,
      { remedy: 'Nothing to do: the next try sees what that transaction has committed.' },
    );
  if (order.keys.size > 0) await upsertKeySequences(tx, scope, order.keys);
}
