import { spawn } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createConnectClient, type ConnectClient } from '../../src/connect/connect-client.ts';
import { connectorForEnvironment } from '../../src/connect/connector-for-environment.ts';
import type { ConnectorFile } from '../../src/connect/connector-file.ts';
import { readConnectorFiles } from '../../src/connect/read-connector-files.ts';
import { topicCatalogue } from '../../src/contracts/catalogue.ts';
import { ordersEvents } from '../../src/contracts/orders-events.ts';
import { createEncoder } from '../../src/events/encoder.ts';
import { appendEvents } from '../../src/outbox/append-events.ts';
import { loadEventSchemas } from '../../src/outbox/load-event-schemas.ts';
import { newEvent } from '../../src/outbox/outbox-event.ts';
import { applyTopics } from '../../src/platform/kafka/topic-admin.ts';
import { silentLog } from '../../src/platform/log.ts';
import { createPool, type Pool } from '../../src/platform/postgres/pool.ts';
import { inTransaction } from '../../src/platform/postgres/transaction.ts';
import { dropSlot } from './drop-slot.ts';
import { runOutbox, runOutboxProcess, type Ended } from './run-outbox.ts';
import { createTestDatabase, type TestDatabase } from './test-database.ts';
import { stackValue, testKafka, testReplicationFactor, testStackEnv } from './test-stack.ts';
import { uniquePrefix } from './test-topics.ts';

/** One outbox with its own database, topics and connector file, and the command line that operates it. No service runs. */
export interface OperatedOutbox {
  readonly topicPrefix: string;
  readonly database: TestDatabase;
  /** As superuser, in the outbox's database. */
  readonly admin: Pool;
  readonly client: ConnectClient;
  /** The connector as its file says in this test's environment; `name` is also the file's name. */
  readonly connector: ConnectorFile;
  readonly slot: string;
  readonly folder: string;
  readonly env: Readonly<Record<string, string>>;
  /** Writes the connector file anew, with these settings instead; `undefined` leaves one out. */
  writeFile(changes?: Record<string, string | undefined>): void;
  /** Runs `outbox <words>` in this process. The folder of connector files is given with `--dir` for `connectors …` only. */
  outbox(words: readonly string[], env?: Record<string, string>): Promise<Ended>;
  /** The same as a process, as a person would: where its exit code or its pipes matter. */
  outboxProcess(words: readonly string[], env?: Record<string, string>): Promise<Ended>;
  /** Starts it without waiting for its end, for `watch` and `tail`. Whoever starts it ends it. */
  startOutbox(words: readonly string[], env?: Record<string, string>): ChildProcess;
  /** Says so many orders events under one key, in one transaction; the ids of the events. */
  append(count: number, key?: string): Promise<string[]>;
  /** Removes connector, slot, database and files. */
  close(): Promise<void>;
}

const connectorFolder = new URL('../../connectors/', import.meta.url).pathname;

/** Nothing is registered yet. */
export async function createOperatedOutbox(): Promise<OperatedOutbox> {
  const topicPrefix = uniquePrefix();
  const id = topicPrefix.replace('.', '');
  const database = await createTestDatabase('orders');
  const admin = createPool({
    connectionString: database.adminUrl,
    applicationName: 'test',
    log: silentLog,
    max: 2,
  });
  const folder = mkdtempSync(join(tmpdir(), 'connectors-'));
  const original = (await readConnectorFiles(connectorFolder)).find(({ name }) => name === 'orders-outbox');
  if (original === undefined) throw new Error('There is no orders-outbox.');
  const name = `${id}-orders`;
  const file = connectorForEnvironment(original, {
    name,
    database: database.database,
    serverName: id,
    pollIntervalMs: 20,
  });
  // The prefix comes from TOPIC_PREFIX, as for anybody; only the file on disk is without it.
  const onDisk: ConnectorFile = {
    name,
    config: {
      ...file.config,
      'topic.heartbeat.prefix': original.config['topic.heartbeat.prefix'] ?? '',
      'transforms.outbox.route.topic.replacement':
        original.config['transforms.outbox.route.topic.replacement'] ?? '',
    },
  };
  const connector = connectorForEnvironment(onDisk, { topicPrefix });
  const slot = connector.config['slot.name'] ?? '';
  const heartbeats = { name: `${topicPrefix}__debezium-heartbeat.${id}`, partitions: 1, config: {} };
  await applyTopics(testKafka(), [...topicCatalogue(topicPrefix), heartbeats], {
    replicationFactor: testReplicationFactor(),
    log: silentLog,
  });
  const env = {
    ...testStackEnv(),
    TOPIC_PREFIX: topicPrefix,
    ORDERS_DATABASE_URL: database.appUrl,
    ORDERS_OWNER_DATABASE_URL: database.ownerUrl,
    ORDERS_OPS_DATABASE_URL: database.opsUrl,
    PATH: process.env['PATH'] ?? '',
  };
  const client = createConnectClient({ url: stackValue('CONNECT_URL') });
  const writeFile = (changes: Record<string, string | undefined> = {}): void => {
    const config = { ...onDisk.config, ...changes };
    writeFileSync(join(folder, `${name}.json`), JSON.stringify({ name, config }, null, 2));
  };
  writeFile();
  const withFolder = (words: readonly string[]): string[] =>
    words[0] === 'connectors' ? [...words, '--dir', folder] : [...words];
  return {
    topicPrefix,
    database,
    admin,
    client,
    connector,
    slot,
    folder,
    env,
    writeFile,
    outbox: (words, more = {}) => runOutbox(withFolder(words), { ...env, ...more }),
    outboxProcess: (words, more = {}) => runOutboxProcess(withFolder(words), { ...env, ...more }),
    startOutbox: (words, more = {}) =>
      spawn(process.execPath, ['src/cli/outbox.ts', ...withFolder(words)], { env: { ...env, ...more } }),
    append: (count, key = 'a') => append(database.pool, count, key),
    async close() {
      await client.delete(name);
      await dropSlot(admin, slot);
      await admin.end();
      await database.drop();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

async function append(pool: Pool, count: number, key: string): Promise<string[]> {
  const encoder = createEncoder(await loadEventSchemas(pool, Object.values(ordersEvents.events)));
  const occurredAt = new Date();
  const events = Array.from({ length: count }, (_, index) =>
    newEvent(ordersEvents.events.OrderCancelled, {
      key,
      aggregateId: `order-${index}`,
      occurredAt,
      payload: {
        orderId: `order-${index}`,
        customerId: key,
        previousStatus: 'PLACED',
        country: 'France',
        currency: 'GBP',
        lines: [],
        totalMinor: 100,
        placedAt: occurredAt.getTime(),
        reason: null,
        cancelledAt: occurredAt.getTime(),
      },
    }),
  );
  const appended = await inTransaction(pool, (tx) => appendEvents(tx, encoder, events));
  return appended.map(({ eventId }) => eventId);
}
