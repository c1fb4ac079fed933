import { inOneRoundTrip } from '../platform/postgres/in-one-round-trip.ts';
import type { Pool } from '../platform/postgres/pool.ts';
import { inTransaction } from '../platform/postgres/transaction.ts';
import type { Transaction } from '../platform/postgres/transaction.ts';
import { announceHeld } from './announce-held-keys.ts';
import type { Verdict } from './decide-key-order.ts';
import type { ConsumerDefinition } from './define-consumer.ts';
import { shareHeldKeys, type HeldKey } from './held-keys.ts';
import { orderEvents, readHistory } from './order-events.ts';
import type { History, OrderedEvents } from './order-events.ts';
import { advancePosition } from './positions.ts';
import type { ProcessedEvent } from './processed-events.ts';
import { DEFAULT_CAPS, NOTHING_QUEUED, queueEvents } from './queue-events.ts';
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

export interface ProcessOptions {
  readonly now: Date;
  readonly caps?: QueueCaps;
  /** See readHistory. An event that was recorded all the same then ends the transaction with `dedupe_race`. */
  readonly trust: 'sequences' | 'nothing';
  readonly lockTimeoutMs?: number;
}

/** moved: somebody else has moved the position; nothing was done. */
export type ChunkResult = { readonly kind: 'moved' } | CommittedChunk;

/**
 * Position, dedupe, key order, work and replies in one transaction, for chunks of different partitions. Its number of statements does not
 * depend on what is in them: 4 and those of `apply`, one for each chunk, and one more when an event may be known; with held keys among
 * the chunks' a few more, to announce new ones three. What does not wait for an answer goes out together, BEGIN with the first and, where
 * nothing is to be queued, COMMIT with the last. A chunk whose position somebody else has moved is left out.
 * If the process dies anywhere in here, all of it is undone and the next owner begins at `from` again. If the connection
 * dies during the commit, the next try finds the position either at `from` (undone) or moved (done).
 * @returns one result for each chunk, in the same order
 */
export async function processChunks<Payloads, Change>(
  pool: Pool,
  definition: ConsumerDefinition<Payloads, Change>,
  chunks: readonly Chunk[],
  options: ProcessOptions,
): Promise<ChunkResult[]> {
  const { now, caps = DEFAULT_CAPS, lockTimeoutMs } = options;
  if (new Set(chunks.map(({ partition }) => partition)).size < chunks.length)
    throw new Error(
      'A partition may be in a transaction once: the second chunk of it begins where the first ends.',
    );
  return inTransaction(
    pool,
    async (tx) => {
      const { owned, held, ordered } = await orderChunks(tx, definition, chunks, options);
      if (owned.length === 0) return chunks.map(() => ({ kind: 'moved' }));
      const [trusted, recorded] = await inOneRoundTrip([
        inOneRoundTrip(owned.map((chunk) => clearMark(tx, definition, chunk))),
        workOnEvents(tx, definition, ordered, now, { isLast: nothingToQueue(ordered) }),
      ]);
      const parts = owned.map((chunk, index) => ({
        chunk,
        isTrusted: trusted[index] === true,
        recorded: recorded.filter(({ event }) => event.partition === chunk.partition),
        ordered: partOf(ordered, chunk),
      }));
      const queueings: Queueing[] = [];
      for (const { chunk, ordered: part } of parts) {
        const scope = { ...scopeOf(definition), partition: chunk.partition };
        queueings.push(await queueEvents(tx, scope, { ...part, held }, caps));
      }
      const unannounced = await announceHeld(
        tx,
        definition,
        queueings.flatMap(({ began }) => began),
        now,
      );
      const results = new Map(
        parts.map((part, index) => {
          const queueing = queueings[index] ?? NOTHING_QUEUED;
          return [part.chunk, committed(definition, part, { queueing, unannounced })];
        }),
      );
      return chunks.map((chunk) => results.get(chunk) ?? { kind: 'moved' });
    },
    { searchPath: [definition.schema], ...(lockTimeoutMs !== undefined && { lockTimeoutMs }) },
  );
}

const nothingToQueue = ({ verdicts }: OrderedEvents<unknown>): boolean =>
  verdicts.every(({ kind }) => kind === 'fresh' || kind === 'duplicate' || kind === 'before-base');

const HOLDING: ReadonlySet<Verdict['kind']> = new Set(['failed', 'gap', 'reused']);

/** Moves the positions of the chunks, and judges the events of those that were where they begin. */
async function orderChunks<Payloads, Change>(
  tx: Transaction,
  definition: ConsumerDefinition<Payloads, Change>,
  chunks: readonly Chunk[],
  options: Pick<ProcessOptions, 'trust'>,
): Promise<{
  owned: readonly Chunk[];
  held: ReadonlyMap<string, HeldKey>;
  ordered: OrderedEvents<Change>;
}> {
  const scope = scopeOf(definition);
  const all = chunks.flatMap(({ events }) => events);
  const keys = [...new Set(all.map(({ identity }) => identity.key))];
  // Always in this order: instances that believe to own the same partitions then wait for each other in one direction.
  const byPartition = chunks.toSorted((a, b) => a.partition - b.partition);
  const [positions, held, history] = await inOneRoundTrip([
    // First of all, since it waits for an owner before: what follows sees what that one has committed.
    inOneRoundTrip(
      byPartition.map((chunk) =>
        advancePosition(tx, { ...scope, ...chunk, last: chunk.events.at(-1)?.identity }),
      ),
    ),
    keys.length === 0 ? new Map<string, HeldKey>() : shareHeldKeys(tx, scope, keys),
    readHistory(tx, scope, all, options.trust),
  ]);
  const startOf = new Map(byPartition.map(({ partition }, index) => [partition, positions[index]]));
  const owned = byPartition.filter(({ partition }) => startOf.get(partition) !== undefined);
  const events = owned.flatMap((chunk) => chunk.events);
  const judge = (known: History): Promise<OrderedEvents<Change>> =>
    orderEvents(tx, definition, events, {
      ...known,
      held: new Set(held.keys()),
      fromFirstOffset: (index) => startOf.get(events[index]?.identity.partition ?? -1)?.startOffset === 0,
    });
  const judged = await judge(history);
  // Not on the healthy path: what holds a key may have been done before its sequence was set back by hand.
  const ordered =
    options.trust === 'sequences' && judged.verdicts.some(({ kind }) => HOLDING.has(kind))
      ? await judge(await readHistory(tx, scope, events))
      : judged;
  refuseReusedSequences(definition.name, events, ordered.verdicts);
  return { owned, held, ordered };
}

const scopeOf = <Payloads, Change>(
  definition: ConsumerDefinition<Payloads, Change>,
): { consumer: string; topic: string } => ({ consumer: definition.name, topic: definition.topic.name });

/** @returns false when something behind the chunk is still suspected of having killed a process */
async function clearMark<Payloads, Change>(
  tx: Transaction,
  definition: ConsumerDefinition<Payloads, Change>,
  { partition, clearTo }: Chunk,
): Promise<boolean> {
  return clearTo === undefined || clearStart(tx, { ...scopeOf(definition), partition }, clearTo);
}

function partOf<Change>(ordered: OrderedEvents<Change>, { partition }: Chunk): OrderedEvents<Change> {
  const isOfChunk = (index: number): boolean => ordered.events[index]?.identity.partition === partition;
  return {
    ...ordered,
    events: ordered.events.filter((_, index) => isOfChunk(index)),
    verdicts: ordered.verdicts.filter((_, index) => isOfChunk(index)),
  };
}

function committed<Payloads, Change>(
  definition: ConsumerDefinition<Payloads, Change>,
  part: {
    readonly ordered: OrderedEvents<Change>;
    readonly recorded: readonly ProcessedEvent[];
    readonly isTrusted: boolean;
  },
  { queueing, unannounced }: Pick<CommittedChunk, 'queueing' | 'unannounced'>,
): CommittedChunk {
  const { ordered, recorded, isTrusted } = part;
  const count = (kind: Verdict['kind']): number =>
    ordered.verdicts.filter((verdict) => verdict.kind === kind).length;
  return {
    kind: 'committed',
    ...{ recorded, queueing, isTrusted },
    taken: takenEvents(definition, ordered, recorded),
    unannounced: queueing.began.length === 0 ? undefined : unannounced,
    duplicates: count('duplicate') + queueing.duplicates,
    beforeBase: count('before-base'),
  };
}
