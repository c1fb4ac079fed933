import { once } from 'node:events';
import { v7 } from 'uuid';
import { ordersEvents } from '../../src/contracts/orders-events.ts';
import { createEncoder } from '../../src/events/encoder.ts';
import type { Encoder } from '../../src/events/encoder.ts';
import { appendEvents } from '../../src/outbox/append-events.ts';
import { loadEventSchemas } from '../../src/outbox/load-event-schemas.ts';
import { newEvent } from '../../src/outbox/outbox-event.ts';
import { silentLog } from '../../src/platform/log.ts';
import { createPool } from '../../src/platform/postgres/pool.ts';
import type { Pool } from '../../src/platform/postgres/pool.ts';
import { inTransaction } from '../../src/platform/postgres/transaction.ts';
import { waitUntil } from '../../src/platform/wait-until.ts';
import { readTopic } from '../support/read-topic.ts';
import { startTestPipeline } from '../support/test-pipeline.ts';
import type { TestPipeline } from '../support/test-pipeline.ts';
import { testKafka, testStack } from '../support/test-stack.ts';

let pipeline: TestPipeline;
let encoder: Encoder;
/** As the owner: the service's role may not keep a transaction open for as long as Connect takes to come back. */
let owner: Pool;

beforeAll(async () => {
  pipeline = await startTestPipeline();
  owner = createPool({
    connectionString: pipeline.databases.orders.ownerUrl,
    applicationName: 'test',
    log: silentLog,
  });
  encoder = createEncoder(
    await loadEventSchemas(pipeline.databases.orders.pool, [ordersEvents.events.OrderRejected]),
  );
});
afterAll(async () => {
  await testStack().up();
  await owner.end();
  await pipeline.stop();
});

/** An event that every consumer ignores, so that nothing but its way through the log matters. */
const rejected = (key: string) => {
  const orderId = v7();
  return newEvent(ordersEvents.events.OrderRejected, {
    key,
    aggregateId: orderId,
    occurredAt: new Date(),
    payload: { orderId, customerId: key, reasons: [], rejectedAt: Date.now() },
  });
};

async function say(key: string, count: number): Promise<void> {
  await inTransaction(pipeline.databases.orders.pool, (tx) =>
    appendEvents(
      tx,
      encoder,
      Array.from({ length: count }, () => rejected(key)),
    ),
  );
}

/** A transaction that stays open until told, with rows written before and after others commit. */
function longTransaction(key: string) {
  const gate = new EventTarget();
  const opened = once(gate, 'opened');
  const done = inTransaction(owner, async (tx) => {
    await appendEvents(tx, encoder, [rejected(key), rejected(key)]);
    const told = once(gate, 'finish');
    gate.dispatchEvent(new Event('opened'));
    await told;
    await appendEvents(tx, encoder, [rejected(key), rejected(key)]);
  });
  return {
    opened: Promise.race([opened, done]),
    async finish() {
      gate.dispatchEvent(new Event('finish'));
      await done;
    },
  };
}

async function idsInTopic(): Promise<Set<string>> {
  const records = await readTopic(`${pipeline.topicPrefix}orders.events`);
  return new Set(records.map((record) => record.headers['id'] ?? ''));
}

async function end(signal: 'SIGKILL' | 'SIGTERM'): Promise<void> {
  const connect = testStack().resource('connect');
  process.kill(connect.pid() ?? 0, signal);
  await waitUntil(() => connect.pid() === undefined, { timeoutMs: 60_000, what: 'Connect to be dead' });
}

/** Every row is in the topic, and of each key the first copies come in its order, without a gap. */
async function expectAllInOrder(): Promise<void> {
  const { rows } = await pipeline.databases.orders.pool.query<{ event_id: string }>({
    text: 'select event_id from pipeline.outbox',
  });
  await waitUntil(
    async () => {
      const arrived = await idsInTopic();
      return rows.every((row) => arrived.has(row.event_id));
    },
    { timeoutMs: 90_000, what: `all ${rows.length} events to be in the topic` },
  );
  const sequences = (await readTopic(`${pipeline.topicPrefix}orders.events`)).map((record) => [
    record.key,
    Number(record.headers['keySeq']),
  ]);
  for (const key of new Set(sequences.map(([name]) => name))) {
    const firsts = [...new Set(sequences.filter(([name]) => name === key).map(([, seq]) => seq))];
    expect(firsts).toEqual(firsts.map((_, index) => index + 1));
  }
}

test('Connect killed while a long and a short transaction interleave loses no event', async () => {
  for (let round = 0; round < 3; round += 1) {
    const long = longTransaction(`long-${round}`);
    await long.opened;
    await say(`short-${round}`, 1);
    const { rows } = await pipeline.databases.orders.pool.query<{ event_id: string }>({
      text: `select event_id from pipeline.outbox where partition_key = 'short-${round}'`,
    });
    await waitUntil(async () => (await idsInTopic()).has(rows[0]?.event_id ?? ''), {
      timeoutMs: 60_000,
      what: 'the short transaction to be in the topic',
    });
    await end('SIGKILL');
    await say(`short-${round}`, 5);
    await long.finish();
    await say(`short-${round}`, 1);
    await testStack().up();
  }
  await expectAllInOrder();
});

// Told to end, a worker stores its offsets once more before it goes; killed, it does not.
test.each(['SIGKILL', 'SIGTERM'] as const)(
  'Connect ended by %s in the middle of a transaction of many rows loses no event',
  async (signal) => {
    const rows = 5_000;
    const admin = testKafka().admin();
    await admin.connect();
    const recordsInTopic = async (): Promise<number> =>
      (await admin.fetchTopicOffsets(`${pipeline.topicPrefix}orders.events`)).reduce(
        (sum, { high }) => sum + Number(high),
        0,
      );
    const before = await recordsInTopic();
    await inTransaction(owner, (tx) =>
      appendEvents(
        tx,
        encoder,
        Array.from({ length: rows }, (_, n) => rejected(`${signal}-${n % 5}`)),
      ),
    );
    await waitUntil(async () => (await recordsInTopic()) > before, {
      timeoutMs: 60_000,
      everyMs: 1,
      what: 'the first rows of the transaction to be in the topic',
    });
    await end(signal);
    const arrived = (await recordsInTopic()) - before;
    await admin.disconnect();
    expect(arrived).toBeLessThan(rows);
    await testStack().up();
    await expectAllInOrder();
  },
);
