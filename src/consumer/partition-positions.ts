import { backOff } from './back-off.ts';
import type { EventPlace } from './positions.ts';
import type { AlignedPosition } from './read-aligned-positions.ts';

/** Where this process believes a partition's position to be. The database decides; this only saves asking it. */
interface Place {
  readonly next: number;
  /** Everything from `next` up to here was found to hold no event (control records, aborted transactions). */
  readonly emptyUpTo: number;
  /** What was read last, and must be found again before anything else is taken: the log may be another one. */
  readonly toVerify?: EventPlace | undefined;
}

export interface PartitionPositionsOptions {
  /** Gives each partition's position, after a check against its log. */
  readonly read: (partitions: readonly number[]) => Promise<Map<number, AlignedPosition>>;
  /** Makes the next fetch start there. */
  readonly seek: (partition: number, offset: number) => void;
  readonly pause: (ms: number, signal: AbortSignal) => Promise<void>;
}

export class PartitionPositions {
  readonly #options: PartitionPositionsOptions;
  readonly #places = new Map<number, Place>();
  /** So that a batch that comes before its position is read waits for that, and does not read it once more. */
  readonly #reading = new Map<number, Promise<void>>();
  readonly #misses = new Map<number, number>();

  constructor(options: PartitionPositionsOptions) {
    this.#options = options;
  }

  /** Reads the positions anew and seeks to them. */
  async align(partitions: readonly number[]): Promise<void> {
    const reading = this.#readAndSeek(partitions).finally(() => {
      for (const partition of partitions)
        if (this.#reading.get(partition) === reading) this.#reading.delete(partition);
    });
    for (const partition of partitions) {
      this.#places.delete(partition);
      this.#reading.set(partition, reading);
    }
    return reading;
  }

  /** The believed position; reads it and seeks if there is none yet. */
  async next(partition: number): Promise<number> {
    for (;;) {
      const place = this.#places.get(partition);
      if (place !== undefined) return place.next;
      await (this.#reading.get(partition) ?? this.align([partition]));
    }
  }

  /** Whether what was fetched from `offset` joins the position without leaving out an event. */
  joins(partition: number, offset: number): boolean {
    const place = this.#places.get(partition);
    if (place === undefined || place.toVerify !== undefined) return false;
    return offset >= place.next && offset <= place.emptyUpTo;
  }

  /** What a batch that was fetched from `offset` must begin with, when it is the one that was sought for that. */
  toVerify(partition: number, offset: number): EventPlace | undefined {
    const last = this.#places.get(partition)?.toVerify;
    return last?.offset === offset ? last : undefined;
  }

  /** It was found: the next fetch is for what comes. */
  verified(partition: number): void {
    const place = this.#places.get(partition);
    if (place === undefined) return;
    this.#places.set(partition, { ...place, toVerify: undefined });
    this.#options.seek(partition, place.next);
  }

  /** Belief and fact differ: reads the position anew and seeks. */
  async realign(partition: number, signal: AbortSignal): Promise<void> {
    const missed = (this.#misses.get(partition) ?? 0) + 1;
    this.#misses.set(partition, missed);
    // Once is normal (a new owner); again and again means that two instances fight: don't let them spin.
    if (missed > 1) await this.#options.pause(backOff(missed - 1, Math.random()), signal);
    await this.align([partition]);
  }

  /** After a commit. */
  moved(partition: number, next: number): void {
    this.#misses.delete(partition);
    this.#places.set(partition, { next, emptyUpTo: next });
  }

  /** kafkajs stepped over offsets without events by itself, and asks for what comes after them next. */
  foundEmpty(partition: number, firstOffset: number, lastOffset: number): void {
    const place = this.#places.get(partition);
    if (place !== undefined && firstOffset >= place.next && firstOffset <= place.emptyUpTo)
      this.#places.set(partition, { ...place, emptyUpTo: Math.max(place.emptyUpTo, lastOffset + 1) });
  }

  /** After a rebalance nothing is believed any more. */
  forget(): void {
    this.#places.clear();
    this.#reading.clear();
  }

  async #readAndSeek(partitions: readonly number[]): Promise<void> {
    for (const [partition, { next, last }] of await this.#options.read(partitions)) {
      this.#places.set(partition, { next, emptyUpTo: next, toVerify: last });
      this.#options.seek(partition, last?.offset ?? next);
    }
  }
}
