import { registerConnector } from '../../../src/connect/register-connectors.ts';
import { readReplicationSlot } from '../../../src/connect/replication-slot.ts';
import type { OperatedConnector } from '../../../src/operate/operated-pipeline.ts';
import { readRememberedServer, rememberServer } from '../../../src/operate/diagnose/remember-server.ts';
import { stopConnector } from '../../../src/operate/change/stop-connector.ts';
import { inTransaction } from '../../../src/platform/postgres/transaction.ts';
import { waitUntil } from '../../../src/platform/wait-until.ts';
import { createOperatedOutbox, type OperatedOutbox } from '../../support/operated-outbox.ts';
import { readTopic } from '../../support/read-topic.ts';

// What the diagnosis knows of the slot's reader and of the server it was last seen on: during a snapshot there is none, and until its first confirmation it has moved nothing.
let outbox: OperatedOutbox;

beforeAll(async () => {
  outbox = await createOperatedOutbox();
});
afterAll(() => outbox.close());

const reader = async () => (await readReplicationSlot(outbox.admin, outbox.slot))?.reader;
const within = (what: string) => ({ timeoutMs: 30_000, what });
/** Its snapshot waits for this lock. */
const GATE = 4711;
const register = async (): Promise<void> => {
  const config = {
    ...outbox.connector.config,
    // It has nothing to confirm but events.
    'heartbeat.interval.ms': '0',
    'snapshot.select.statement.overrides.pipeline.outbox': `SELECT outbox.* FROM pipeline.outbox CROSS JOIN pg_advisory_lock_shared(${GATE}) ORDER BY id`,
  };
  const { problem } = await registerConnector(outbox.client, { ...outbox.connector, config });
  if (problem !== undefined) throw problem;
};

test('a snapshot under way is said with its begin, no restart breaks it off, and heal waits for it', async () => {
  const { name } = outbox.connector;
  await outbox.append(10);
  await inTransaction(outbox.admin, async (tx) => {
    await tx.query({ text: `select pg_advisory_xact_lock(${GATE})` });
    await register();
    await waitUntil(async () => (await readReplicationSlot(outbox.admin, outbox.slot)) !== undefined, {
      timeoutMs: 30_000,
      what: 'the snapshot to begin',
    });
    const [restart, status, heal] = await Promise.all([
      outbox.outboxProcess(['connectors', 'restart', name]),
      outbox.outboxProcess(['connectors', 'status', name, '--json', '--no-probe']),
      outbox.outboxProcess(['connectors', 'heal', name, '--timeout', '2']),
    ]);
    expect(restart).toMatchObject({ code: 1 });
    expect(restart.stderr).toMatch(/A snapshot is under way since 20\S+Z: .* Wait, and do not restart it/);
    expect(restart.stderr).not.toContain('connectors heal');
    expect(status).toMatchObject({ code: 1 });
    expect(status.stdout).toContain('A snapshot is under way since ');
    expect(status.stdout).not.toMatch(/Nobody reads the slot|heartbeat, although/);
    expect(heal).toMatchObject({ code: 1 });
    expect(heal.stdout).toMatch(/failed: No probe came through within 2 s\. A snapshot is under way since/);
  });
  expect(await outbox.outbox(['connectors', 'heal', name])).toMatchObject({ code: 0 });
  expect(await readTopic(`${outbox.topicPrefix}orders.events`)).toHaveLength(10);
});

test('a reader shows whether it has moved its slot itself', async () => {
  const { client, connector, admin, slot } = outbox;
  await outbox.append(1);
  await waitUntil(async () => (await reader())?.hasConfirmed === true, within('a first confirmation'));

  await stopConnector(client, connector.name, { timeoutMs: 30_000, slot: { db: admin, name: slot } });
  await outbox.append(5);
  await admin.query({
    text: 'select pg_replication_slot_advance($1, pg_current_wal_lsn())',
    values: [slot],
  });
  await client.resume(connector.name);
  const came = await waitUntil(reader, within('its reader to come'));
  expect(came).toMatchObject({ application: 'Debezium Streaming', hasConfirmed: false });
  const heal = await outbox.outbox(['connectors', 'heal', connector.name]);
  expect(heal.stdout).toContain('slot_ahead');
  expect(heal.code).toBe(0);
});

test('what was seen before the last note changes nothing', async () => {
  const pool = outbox.admin;
  const connector = {
    file: { name: 'noted', config: {} },
    service: { pool },
  } as unknown as OperatedConnector;
  const seen = (timeline: number, at: string) => ({
    server: { systemIdentifier: '1', timeline, awaitedStandbys: ['standby'], followedThrough: '' },
    at: new Date(at),
  });
  await rememberServer(connector, seen(1, '2026-01-01T00:00:02Z'));
  await rememberServer(connector, seen(7, '2026-01-01T00:00:01Z'));
  expect(await readRememberedServer(pool, 'noted')).toMatchObject({
    timeline: 1,
    awaitedStandbys: ['standby'],
    seenAt: new Date('2026-01-01T00:00:02Z'),
  });
  await rememberServer(connector, seen(2, '2026-01-01T00:00:03Z'));
  expect(await readRememberedServer(pool, 'noted')).toMatchObject({ timeline: 2 });
});
