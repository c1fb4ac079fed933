import { splitChunk } from './chunk-records.ts';
import { decideStart } from './decide-start.ts';
import type { StartMark } from './decide-start.ts';
import type { Failure } from './failure.ts';
import type { PartitionOfConsumer } from './positions.ts';
import type { PendingChunk } from './split-failing-chunk.ts';

export interface BatchStartsOptions {
  readonly consumer: string;
  readonly topic: string;
  readonly read: (at: PartitionOfConsumer) => Promise<StartMark | undefined>;
  readonly write: (at: PartitionOfConsumer, mark: StartMark) => Promise<void>;
  readonly clear: (at: PartitionOfConsumer, to: number) => Promise<unknown>;
}

/** What to work on now; the rest of the chunk comes after it. */
export interface BegunChunk<Record> {
  readonly chunk: PendingChunk<Record>;
  readonly rest: readonly PendingChunk<Record>[];
  /** The chunk is marked: its commit must take the mark away, unless something behind this offset is still suspected. */
  readonly clearTo?: number;
}

/**
 * Marks the first batch after an assignment, so that an event that kills the process is found by the processes after it. Once a
 * batch was committed and nothing is suspected, a partition costs nothing more.
 */
export class BatchStarts {
  readonly #options: BatchStartsOptions;
  readonly #trusted = new Set<number>();

  constructor(options: BatchStartsOptions) {
    this.#options = options;
  }

  async begin<Record extends { readonly offset: string }>(
    partition: number,
    chunk: PendingChunk<Record>,
  ): Promise<BegunChunk<Record>> {
    if (this.#trusted.has(partition) || chunk.records.length === 0) return { chunk, rest: [] };
    const at = this.#at(partition);
    const offsets = chunk.records.map(({ offset }) => Number(offset));
    const { take, mark, kills } = decideStart(await this.#options.read(at), { ...chunk, offsets });
    const [first, ...rest] = splitChunk(chunk, take);
    // With that one found, the others are no longer suspected.
    if (kills) return { chunk: { ...first, failure: killed(mark) }, rest, clearTo: Number.MAX_SAFE_INTEGER };
    await this.#options.write(at, mark);
    return { chunk: first, rest, clearTo: first.to };
  }

  /** After a commit: with nothing suspected behind it the partition is trusted until it is assigned anew. */
  committed(partition: number, isClear: boolean): void {
    if (isClear) this.#trusted.add(partition);
  }

  /** A batch that ended without a commit, and the process is alive: no crash. If the mark can't be taken away, half of it comes next. */
  async survived(partition: number, to: number): Promise<void> {
    if (!this.#trusted.has(partition))
      await this.#options.clear(this.#at(partition), to).catch(() => undefined);
  }

  forget(): void {
    this.#trusted.clear();
  }

  #at(partition: number): PartitionOfConsumer {
    const { consumer, topic } = this.#options;
    return { consumer, topic, partition };
  }
}

const killed = ({ times }: StartMark): Failure => ({
  code: 'event_kills',
  reason: `The process ended ${times} times while it worked on this event alone. Find out what it does to the process (memory, native code), mend it, then redrive the key.`,
  stack: null,
});
