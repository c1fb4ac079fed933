import { inOneRoundTrip } from '../platform/postgres/in-one-round-trip.ts';
import type { Pool } from '../platform/postgres/pool.ts';
import { inTransaction } from '../platform/postgres/transaction.ts';
import { announceHeld } from './announce-held-keys.ts';
import type { Verdict } from './decide-key-order.ts';
import type { ConsumerDefinition } from './define-consumer.ts';
import { shareHeldKeys, type HeldKey } from './held-keys.ts';
import { orderEvents, readHistory } from './order-events.ts';
import { advancePosition } from './positions.ts';
import type { ProcessedEvent } from './processed-events.ts';
import { DEFAULT_CAPS, queueEvents } from './queue-events.ts';
import type { QueueCaps, Queueing } from './queue-events.ts';
import type { ReceivedEvent } from './receive-records.ts';
import { refuseReusedSequences } from './refuse-reused-sequences.ts';
import { clearStart } from './started-batches.ts';
import { takenEvents, type TakenEvents } from './taken-events.ts';
import { workOnEvents } from './work-on-events.ts';

/** A run of records of one partition that one transaction deals with. */
export interface Chunk {
  readonly partition: number;
  /** The position before: the offset that is expected first. */
  readonly from: number;
  /** The position after: one past the last record, control records included. */
  readonly to: number;
  readonly events: readonly ReceivedEvent[];
  /** Its start was marked: the commit takes the mark away, unless something behind this offset is suspected. */
  readonly clearTo?: number;
}

export interface CommittedChunk {
  readonly kind: 'committed';
  readonly recorded: readonly ProcessedEvent[];
  readonly taken: TakenEvents;
  readonly duplicates: number;
  readonly beforeBase: number;
  readonly queueing: Queueing;
  /** Why keys that are held could not be announced. */
  readonly unannounced: unknown;
  /** Nothing of this partition is suspected of having killed a process. */
  readonly isTrusted: boolean;
}

/** moved: somebody else has moved the position; nothing was done. */
export type ChunkResult = { readonly kind: 'moved' } | CommittedChunk;

/**
 * Position, dedupe, key order, work and replies in one transaction. Its number of statements does not depend on the chunk's
 * size: 6 and those of `apply`; with held keys among the chunk's a few more, to announce new ones three. What does not wait for
 * an answer goes out together. BEGIN is waited for: were it cancelled, what follows would be committed by itself.
 * If the process dies anywhere in here, all of it is undone and the next owner begins at `from` again. If the connection
 * dies during the commit, the next try finds the position either at `from` (undone) or moved (done).
 */
export async function processChunk<Payloads, Change>(
  pool: Pool,
  definition: ConsumerDefinition<Payloads, Change>,
  chunk: Chunk,
  now: Date,
  caps: QueueCaps = DEFAULT_CAPS,
): Promise<ChunkResult> {
  const scope = { consumer: definition.name, topic: definition.topic.name };
  return inTransaction(
    pool,
    async (tx) => {
      const keys = [...new Set(chunk.events.map(({ identity }) => identity.key))];
      const [position, held, history] = await inOneRoundTrip([
        advancePosition(tx, { ...scope, ...chunk, last: chunk.events.at(-1)?.identity }),
        keys.length === 0 ? new Map<string, HeldKey>() : shareHeldKeys(tx, scope, keys),
        readHistory(tx, scope, chunk.events),
      ]);
      if (position === undefined) return { kind: 'moved' };
      const ordered = await orderEvents(tx, definition, chunk.events, {
        ...history,
        held: new Set(held.keys()),
        fromFirstOffset: position.startOffset === 0,
      });
      refuseReusedSequences(definition.name, chunk.events, ordered.verdicts);
      const [isTrusted, recorded] = await inOneRoundTrip([
        chunk.clearTo === undefined ||
          clearStart(tx, { ...scope, partition: chunk.partition }, chunk.clearTo),
        workOnEvents(tx, definition, ordered, now),
      ]);
      const queueing = await queueEvents(
        tx,
        { ...scope, partition: chunk.partition },
        { ...ordered, held },
        caps,
      );
      return {
        kind: 'committed',
        recorded,
        taken: takenEvents(definition, ordered, recorded),
        queueing,
        unannounced: await announceHeld(tx, definition, queueing.began, now),
        isTrusted,
        duplicates: count(ordered.verdicts, 'duplicate') + queueing.duplicates,
        beforeBase: count(ordered.verdicts, 'before-base'),
      };
    },
    { searchPath: [definition.schema] },
  );
}

const count = (verdicts: readonly Verdict[], kind: Verdict['kind']): number =>
  verdicts.filter((verdict) => verdict.kind === kind).length;
