import { readFileSync, writeFileSync } from 'node:fs';
import type { ChildProcess } from 'node:child_process';
import { join } from 'node:path';
import { registerConnector } from '../../src/connect/register-connectors.ts';
import { defineConsumer } from '../../src/consumer/define-consumer.ts';
import { runConsumer, type RunningConsumer } from '../../src/consumer/run-consumer.ts';
import { ordersEvents } from '../../src/contracts/orders-events.ts';
import type { OrdersEvents } from '../../src/contracts/generated/orders-events.ts';
import { systemClock } from '../../src/platform/clock.ts';
import { readTopicEnds } from '../../src/platform/kafka/read-topic-ends.ts';
import { silentLog } from '../../src/platform/log.ts';
import { createPool, type Pool } from '../../src/platform/postgres/pool.ts';
import { waitUntil } from '../../src/platform/wait-until.ts';
import { createOperatedOutbox, type OperatedOutbox } from './operated-outbox.ts';
import type { Ended } from './run-outbox.ts';
import { createTallyDatabase, entries, type Entry } from './tally-consumer.ts';
import { createTestDatabase, type TestDatabase } from './test-database.ts';
import { testKafka } from './test-stack.ts';

/** Writes down each cancellation in the order it was given; knows the other types and ignores them. */
const counter = defineConsumer<OrdersEvents, { key: string; keySeq: number }>({
  name: 'counter',
  topic: ordersEvents,
  schema: 'tally',
  handlers: {
    OrderPlaced: 'ignore',
    OrderConfirmed: 'ignore',
    OrderRejected: 'ignore',
    ItemsReturned: 'ignore',
    OrderCancelled: ({ key, keySeq }) => ({ key, keySeq }),
  },
  async apply(tx, effects) {
    await tx.query({
      name: 'count_cancelled',
      text: 'insert into entries (key, key_seq, amount) select key, seq, 1 from unnest($1::text[], $2::bigint[]) as one (key, seq)',
      values: [effects.map(({ change }) => change.key), effects.map(({ change }) => change.keySeq)],
    });
    return effects.map(() => 'counted');
  },
});

/** An outbox with its connector, one consumer of it, and the command line that audits them. */
export interface AuditedShop {
  readonly outbox: OperatedOutbox;
  readonly reader: TestDatabase;
  /** As superuser, in the consumer's database. */
  readonly readerAdmin: Pool;
  readonly env: Readonly<Record<string, string>>;
  readonly startConsumer: () => Promise<void>;
  readonly stopConsumer: () => Promise<void>;
  /** What was applied of a key, in the order in which it was. */
  readonly applied: (key: string) => Promise<number[]>;
  readonly appliedIs: (key: string, sequences: readonly number[]) => Promise<void>;
  /** Waits until the topic holds so many records. */
  readonly inTopic: (records: number) => Promise<void>;
  /** Makes the stopped consumer believe that it has read all that the topic holds. */
  readonly skipToEnd: () => Promise<void>;
  readonly audit: (words?: readonly string[], env?: Record<string, string>) => Promise<Ended>;
  readonly startAudit: (words: readonly string[], env?: Record<string, string>) => ChildProcess;
  readonly close: () => Promise<void>;
}

export async function createAuditedShop(): Promise<AuditedShop> {
  const outbox = await createOperatedOutbox();
  const reader = await createTallyDatabase();
  const inventory = await createTestDatabase('inventory');
  describeInventory(outbox, inventory);
  // The slot of a database at rest moves with heartbeats: waiting 10 s for each would be most of a test's time.
  const config = { ...outbox.connector.config, 'heartbeat.interval.ms': '500' };
  const { problem } = await registerConnector(outbox.client, { ...outbox.connector, config });
  if (problem !== undefined) throw problem;
  const readerAdmin = createPool({
    connectionString: reader.adminUrl,
    applicationName: 'test',
    log: silentLog,
    max: 1,
  });
  const env = {
    ...outbox.env,
    ORDERS_AUDIT_DATABASE_URL: outbox.database.auditUrl,
    ORDERS_REPAIR_DATABASE_URL: outbox.database.repairUrl ?? '',
    INVENTORY_OPS_DATABASE_URL: inventory.opsUrl,
    INVENTORY_AUDIT_DATABASE_URL: inventory.auditUrl,
    INVENTORY_REPAIR_DATABASE_URL: inventory.repairUrl ?? '',
    SALES_OPS_DATABASE_URL: reader.opsUrl,
    SALES_AUDIT_DATABASE_URL: reader.auditUrl,
  };
  const topic = outbox.topicPrefix + ordersEvents.name;
  const ends = async (): Promise<ReadonlyMap<number, number>> =>
    (await readTopicEnds(testKafka(), [topic])).get(topic) ?? new Map<number, number>();
  const words = (more: readonly string[]): string[] => ['audit', '--dir', outbox.folder, ...more];
  const applied = async (key: string): Promise<number[]> =>
    (await entries(reader.pool)).filter((one: Entry) => one.key === key).map(({ key_seq: seq }) => seq);
  let running: RunningConsumer | undefined;
  const stopConsumer = async (): Promise<void> => {
    await running?.stop();
    running = undefined;
  };
  return {
    outbox,
    reader,
    readerAdmin,
    env,
    async startConsumer() {
      running = await runConsumer({
        consumer: counter,
        kafka: testKafka(),
        pool: reader.pool,
        decoder: { decode: () => Promise.resolve({}) },
        log: silentLog,
        clock: systemClock,
        topicPrefix: outbox.topicPrefix,
      });
      // What was said before it subscribed would be nobody's business.
      await waitUntil(
        async () =>
          (await reader.pool.query({ text: 'select from pipeline.consumer_subscriptions' })).rowCount > 0,
        { timeoutMs: 30_000, what: 'the consumer to subscribe' },
      );
    },
    stopConsumer,
    applied,
    appliedIs: async (key, sequences) => {
      await waitUntil(async () => String(await applied(key)) === String(sequences), {
        timeoutMs: 60_000,
        what: `events ${sequences.join(', ')} of ${key} to be applied`,
      });
    },
    inTopic: async (records) => {
      await waitUntil(
        async () => [...(await ends()).values()].reduce((sum, end) => sum + end, 0) >= records,
        { timeoutMs: 60_000, what: `${records} records in ${topic}` },
      );
    },
    async skipToEnd() {
      for (const [partition, end] of await ends())
        await readerAdmin.query({
          text: 'update pipeline.consumer_positions set next_offset = $2 where partition = $1',
          values: [partition, end],
        });
    },
    audit: (more = [], moreEnv = {}) => outbox.outbox(words(more), { ...env, ...moreEnv }),
    startAudit: (more, moreEnv = {}) => outbox.startOutbox(words(more), { ...env, ...moreEnv }),
    async close() {
      await stopConsumer();
      await readerAdmin.end();
      await reader.drop();
      await inventory.drop();
      await outbox.close();
    },
  };
}

/** The inventory says nothing here, so its connector is described and never registered. */
function describeInventory({ folder }: OperatedOutbox, { database }: TestDatabase): void {
  const file = JSON.parse(readFileSync('connectors/inventory-outbox.json', 'utf8')) as {
    name: string;
    config: Record<string, string>;
  };
  const config = { ...file.config, 'database.dbname': database, 'slot.name': `nobody_${database}` };
  writeFileSync(join(folder, 'inventory-outbox.json'), JSON.stringify({ ...file, config }));
}
