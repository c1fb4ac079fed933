import type { Announcing } from '../../src/consumer/announcing.ts';
import type { BatchReport } from '../../src/consumer/batch-report.ts';
import { defineConsumer } from '../../src/consumer/define-consumer.ts';
import type { ConsumerDefinition } from '../../src/consumer/define-consumer.ts';
import { runConsumer } from '../../src/consumer/run-consumer.ts';
import type { RunConsumerOptions, RunningConsumer } from '../../src/consumer/run-consumer.ts';
import type { Decoder } from '../../src/events/decoder.ts';
import type { TopicDefinition } from '../../src/events/define-topic.ts';
import { systemClock } from '../../src/platform/clock.ts';
import { silentLog } from '../../src/platform/log.ts';
import type { Pool } from '../../src/platform/postgres/pool.ts';
import { createPool } from '../../src/platform/postgres/pool.ts';
import type { Transaction } from '../../src/platform/postgres/transaction.ts';
import { testEvent } from './produce-events.ts';
import type { TestEvent } from './produce-events.ts';
import { createTestDatabase } from './test-database.ts';
import type { TestDatabase } from './test-database.ts';
import { testKafka } from './test-stack.ts';

/** The smallest consumer that shows what the runtime promises: it writes down what it was given, in the order it was given. */
export interface TallyPayloads {
  Counted: { readonly amount: number };
  Skipped: { readonly why: string };
}

export interface TallyChange {
  readonly key: string;
  readonly keySeq: number;
  readonly amount: number;
}

export const tallyTopic = 'tally.events';

export function tallyConsumer(options: {
  name: string;
  onHandle?: (change: TallyChange) => void;
  /** May refuse what it is given, in the transaction. */
  onApply?: (tx: Transaction, changes: readonly TallyChange[]) => Promise<void>;
  unknownTypes?: 'skip' | 'park';
  announcing?: Announcing;
}): ConsumerDefinition<TallyPayloads, TallyChange> {
  return defineConsumer<TallyPayloads, TallyChange>({
    name: options.name,
    // The runtime needs no more of a topic than its name; schemas are the decoder's business.
    topic: { name: tallyTopic } as TopicDefinition<TallyPayloads>,
    schema: 'tally',
    ...(options.unknownTypes && { unknownTypes: options.unknownTypes }),
    ...(options.announcing && { announcing: options.announcing }),
    handlers: {
      Counted: ({ key, keySeq, payload }) => {
        const change = { key, keySeq, amount: payload.amount };
        options.onHandle?.(change);
        return change;
      },
      Skipped: 'ignore',
    },
    async apply(tx, effects) {
      await tx.query({
        name: 'tally_insert',
        text: `insert into entries (key, key_seq, amount)
               select * from unnest($1::text[], $2::bigint[], $3::bigint[])`,
        values: [
          effects.map(({ change }) => change.key),
          effects.map(({ change }) => change.keySeq),
          effects.map(({ change }) => change.amount),
        ],
      });
      await options.onApply?.(
        tx,
        effects.map(({ change }) => change),
      );
      return effects.map(({ change }) => (change.amount < 0 ? 'taken' : 'counted'));
    },
  });
}

/** A database with the runtime's tables and the tally's own, in its own schema; that of the inventory has an outbox as well. */
export async function createTallyDatabase(service: 'sales' | 'inventory' = 'sales'): Promise<TestDatabase> {
  const database = await createTestDatabase(service);
  const owner = createPool({
    connectionString: database.ownerUrl,
    applicationName: 'test',
    log: silentLog,
    max: 1,
  });
  await owner.query({
    text: `create schema tally;
           create table tally.entries (place bigint generated always as identity, key text not null, key_seq bigint not null,
                                       amount bigint not null);
           grant usage on schema tally to ${service}_app;
           grant select, insert on tally.entries to ${service}_app`,
  });
  await owner.end();
  return database;
}

export interface Entry {
  readonly key: string;
  readonly key_seq: number;
  readonly amount: number;
}

/** What the consumer has applied so far, in the order it applied it. */
export async function entries(pool: Pool): Promise<Entry[]> {
  const { rows } = await pool.query<Entry>({
    text: 'select key, key_seq, amount from tally.entries order by place',
  });
  return rows;
}

const jsonDecoder: Decoder = {
  decode: ({ value }) => Promise.resolve(JSON.parse(value.toString('utf8')) as unknown),
};

export async function runTally(
  options: Pick<RunConsumerOptions<TallyPayloads, TallyChange>, 'consumer' | 'pool' | 'topicPrefix'> &
    Partial<RunConsumerOptions<TallyPayloads, TallyChange>>,
): Promise<RunningConsumer> {
  return runConsumer({
    kafka: testKafka(),
    decoder: jsonDecoder,
    log: silentLog,
    clock: systemClock,
    ...options,
  });
}

export function collectReports(): { reports: BatchReport[]; onBatch: (report: BatchReport) => void } {
  const reports: BatchReport[] = [];
  return { reports, onBatch: (report) => void reports.push(report) };
}

/** Events 1, 2, 3 ... of one key, with amounts equal to their sequence. */
export function countedEvents(
  key: string,
  count: number,
  options: { from?: number; partition?: number } = {},
): TestEvent[] {
  const { from = 1, partition = 0 } = options;
  return Array.from({ length: count }, (_, index) =>
    testEvent({ type: 'Counted', key, keySeq: from + index, partition, payload: { amount: from + index } }),
  );
}
