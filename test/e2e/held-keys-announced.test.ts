import { ordersEventsInventoryParked } from '../../src/contracts/orders-events-inventory-parked.ts';
import { createDecoder } from '../../src/events/decoder.ts';
import { writerSchemasFrom } from '../../src/events/registry.ts';
import { requestParked } from '../../src/operate/parked/request-parked.ts';
import { silentLog } from '../../src/platform/log.ts';
import { createPool } from '../../src/platform/postgres/pool.ts';
import { waitUntil } from '../../src/platform/wait-until.ts';
import { readTopic } from '../support/read-topic.ts';
import { shopOf } from '../support/shop.ts';
import { startTestPipeline } from '../support/test-pipeline.ts';
import type { TestPipeline } from '../support/test-pipeline.ts';
import { stackValue } from '../support/test-stack.ts';

let pipeline: TestPipeline;
beforeAll(async () => {
  pipeline = await startTestPipeline();
});
afterAll(() => pipeline.stop());

/** Says in the order service's outbox what no service would say: an order that claims 268 million lines in 5 bytes. */
async function sayPoison(key: string): Promise<void> {
  const owner = createPool({
    connectionString: pipeline.databases.orders.ownerUrl,
    applicationName: 'test',
    log: silentLog,
    max: 1,
  });
  await owner.query({
    text: `insert into pipeline.outbox
             (event_id, topic, partition_key, key_seq, event_type, aggregate_id, payload, schema_fingerprint, occurred_at)
           select uuidv7(), 'orders.events', $1, 1, 'OrderPlaced', $1,
                  '\\x00'::bytea || decode(lpad(to_hex(schema_id), 8, '0'), 'hex')
                  || '\\x026f0004465206474250'::bytea || '\\x8080808002'::bytea,
                  fingerprint, now()
           from pipeline.event_schemas where subject = 'orders.events-shop.orders.OrderPlaced' and version = 1`,
    values: [key],
  });
  await owner.end();
}

/** What was announced until now, decoded as any reader would. */
async function announced(): Promise<{ type: string | undefined; key: string; payload: unknown }[]> {
  const decoder = createDecoder({
    events: ordersEventsInventoryParked.events,
    writerSchema: writerSchemasFrom(stackValue('REGISTRY_URL')),
  });
  const records = await readTopic(`${pipeline.topicPrefix}orders.events.inventory.parked`);
  return Promise.all(
    records.map(async ({ key, value, headers }) => {
      const { eventType = '', schemaFingerprint = '' } = headers;
      return {
        type: eventType,
        key,
        payload: await decoder.decode({ type: eventType, value, schemaFingerprint }),
      };
    }),
  );
}

const announcements = (count: number) =>
  waitUntil(
    async () => {
      const all = await announced();
      return all.length >= count && all;
    },
    { timeoutMs: 60_000, what: `${count} announcements` },
  );

test('a poisoned event is announced on the topic of parked keys, and its key when it flows again; others flow meanwhile', async () => {
  await sayPoison('mallory');
  expect(await announcements(1)).toEqual([
    {
      type: 'KeyHeld',
      key: 'mallory',
      payload: expect.objectContaining({
        consumer: 'inventory',
        topic: 'orders.events',
        state: 'parked',
        code: 'event_unreadable',
        reason: expect.stringContaining('268435456 items are claimed') as string,
        eventType: 'OrderPlaced',
        keySeq: 1,
      }) as unknown,
    },
  ]);
  const shop = shopOf(pipeline);
  await shop.setStock('lamp', 3);
  const { orderId } = await shop.place('ada', { lamp: 1 });
  expect(await shop.settled(orderId)).toMatchObject({ status: 'CONFIRMED' });

  const operator = createPool({
    connectionString: pipeline.databases.inventory.opsUrl,
    applicationName: 'test',
    log: silentLog,
    max: 1,
  });
  const at = { consumer: 'inventory', topic: 'orders.events', key: 'mallory' };
  await requestParked(operator, at, { kind: 'discard', who: 'olga', why: 'no event' });
  await operator.end();
  const [, released, ...more] = await announcements(2);
  expect(released).toMatchObject({
    type: 'KeyReleased',
    key: 'mallory',
    payload: { consumer: 'inventory', request: 'discard', requestedBy: 'olga' },
  });
  expect(more).toEqual([]);
});
