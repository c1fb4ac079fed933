import { randomUUID } from 'node:crypto';
import type { Batch, Consumer, KafkaMessage } from 'kafkajs';
import { PipelineError } from '../../platform/errors.ts';
import type { Kafka } from '../../platform/kafka/kafka-client.ts';
import { waitUntil } from '../../platform/wait-until.ts';

/** kafkajs has the offset it asked for on its batches, but not in its types. */
type FetchedBatch = Batch & { readonly fetchedOffset: string };

const READ_AHEAD = 20_000;
const READ_WITHIN_MS = 30_000;

export interface ReadRecords {
  readonly records: readonly KafkaMessage[];
  /** Everything below this offset has been read: it may lie beyond the last record. */
  readonly to: number;
}

interface Ahead {
  readonly records: KafkaMessage[];
  /** Everything below it is in `records`, or was forgotten. */
  reached: number;
}

/**
 * Reads a topic from given offsets on, in a group of its own that commits nothing, ahead of whoever uses it. What was read stays
 * until it is forgotten, so that a transaction which is rolled back finds it again.
 */
export class LogReader {
  readonly #consumer: Consumer;
  readonly #topic: string;
  readonly #ahead: Map<number, Ahead>;
  #failure: Error | undefined;

  private constructor(consumer: Consumer, topic: string, from: ReadonlyMap<number, number>) {
    this.#consumer = consumer;
    this.#topic = topic;
    this.#ahead = new Map([...from].map(([partition, reached]) => [partition, { records: [], reached }]));
  }

  static async open(
    kafka: Kafka,
    options: { readonly topic: string; readonly group: string; readonly from: ReadonlyMap<number, number> },
  ): Promise<LogReader> {
    const consumer = kafka.consumer({
      // The broker forgets a group without members and offsets by itself.
      groupId: `${options.group}.rebuild.${randomUUID()}`,
      maxWaitTimeInMs: 100,
      allowAutoTopicCreation: false,
      retry: { retries: 8, maxRetryTime: 3_000, restartOnFailure: () => Promise.resolve(false) },
    });
    const reader = new LogReader(consumer, options.topic, options.from);
    await consumer.connect();
    try {
      await reader.#run();
    } catch (error) {
      await consumer.disconnect();
      throw error;
    }
    return reader;
  }

  async #run(): Promise<void> {
    const consumer = this.#consumer;
    consumer.on(consumer.events.GROUP_JOIN, () => {
      for (const [partition, { reached }] of this.#ahead)
        consumer.seek({ topic: this.#topic, partition, offset: String(reached) });
    });
    consumer.on(consumer.events.CRASH, ({ payload }) => (this.#failure = payload.error));
    // Batches of control records or aborted transactions never reach eachBatch.
    consumer.on(consumer.events.END_BATCH_PROCESS, ({ payload }) => {
      const ahead = this.#ahead.get(payload.partition);
      const first = payload.firstOffset as string | null;
      if (ahead !== undefined && payload.batchSize === 0 && first !== null && Number(first) <= ahead.reached)
        ahead.reached = Math.max(ahead.reached, Number(payload.lastOffset) + 1);
    });
    await consumer.subscribe({ topic: this.#topic, fromBeginning: true });
    await consumer.run({
      autoCommit: false,
      eachBatch: ({ batch }) => {
        this.#take(batch as FetchedBatch);
        return Promise.resolve();
      },
    });
  }

  #take(batch: FetchedBatch): void {
    const ahead = this.#ahead.get(batch.partition);
    if (ahead === undefined) return;
    const from = ahead.reached;
    // Fetched before the seek took hold, or from where the broker began anew because retention has passed us.
    if (Number(batch.fetchedOffset) > from) {
      this.#failure ??= goneFromLog(this.#topic, batch.partition, from);
      return;
    }
    ahead.records.push(...batch.messages.filter(({ offset }) => Number(offset) >= from));
    ahead.reached = Math.max(from, Number(batch.lastOffset()) + 1);
    if (ahead.records.length > READ_AHEAD)
      this.#consumer.pause([{ topic: this.#topic, partitions: [batch.partition] }]);
  }

  /**
   * The records of [from, end), at most so many; waits until they are there.
   * @throws PipelineError `deadline_passed`, `position_outside_log`; what made kafkajs give up
   */
  async read(
    partition: number,
    span: { readonly from: number; readonly end: number; readonly max: number },
  ): Promise<ReadRecords> {
    if (!this.#ahead.has(partition)) throw unknownPartition(this.#topic, partition);
    // A failure ends the waiting at once; what a condition throws would be tried again.
    const found = await waitUntil(() => this.#failure ?? this.#peek(partition, span), {
      timeoutMs: READ_WITHIN_MS,
      everyMs: 5,
      what: `offset ${span.end} of ${this.#topic}, partition ${partition}, to be read`,
    });
    if (Error.isError(found)) throw found;
    return found;
  }

  #peek(
    partition: number,
    { from, end, max }: { readonly from: number; readonly end: number; readonly max: number },
  ): ReadRecords | undefined {
    const ahead = this.#ahead.get(partition);
    if (ahead === undefined) return { records: [], to: from };
    const wanted = ahead.records.filter(({ offset }) => Number(offset) >= from && Number(offset) < end);
    const next = wanted[max];
    if (next !== undefined) return { records: wanted.slice(0, max), to: Number(next.offset) };
    return ahead.reached < end ? undefined : { records: wanted, to: end };
  }

  /** Committed: nobody needs what is below. */
  forget(partition: number, below: number): void {
    const ahead = this.#ahead.get(partition);
    if (ahead === undefined) return;
    const kept = ahead.records.findIndex(({ offset }) => Number(offset) >= below);
    ahead.records.splice(0, kept === -1 ? ahead.records.length : kept);
    if (ahead.records.length < READ_AHEAD / 2)
      this.#consumer.resume([{ topic: this.#topic, partitions: [partition] }]);
  }

  async close(): Promise<void> {
    await this.#consumer.disconnect();
  }
}

const goneFromLog = (topic: string, partition: number, offset: number): PipelineError =>
  new PipelineError(
    'position_outside_log',
    `Offset ${offset} of ${topic}, partition ${partition}, is no longer in the log.`,
    { remedy: 'Retention was faster than the rebuild: abandon it and raise retention.ms before the next.' },
  );

const unknownPartition = (topic: string, partition: number): PipelineError =>
  new PipelineError('position_outside_log', `Partition ${partition} of ${topic} is new.`, {
    remedy: 'Run the command again: it reads the partitions anew.',
  });
