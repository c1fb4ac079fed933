import { timeOfEventId } from '../../../src/consumer/event-horizon.ts';
import { topicCatalogue } from '../../../src/contracts/catalogue.ts';
import { applyTopics } from '../../../src/platform/kafka/topic-admin.ts';
import { silentLog } from '../../../src/platform/log.ts';
import { createPool } from '../../../src/platform/postgres/pool.ts';
import type { Pool } from '../../../src/platform/postgres/pool.ts';
import { dropSlot } from '../../support/drop-slot.ts';
import { checkLag } from '../../support/invariants/check-lag.ts';
import { checkLogs } from '../../support/invariants/check-logs.ts';
import { checkRecords } from '../../support/invariants/check-records.ts';
import { checkReplies } from '../../support/invariants/check-replies.ts';
import type { Reply } from '../../support/invariants/check-replies.ts';
import { checkSlots } from '../../support/invariants/check-slots.ts';
import { checkReplay, fingerprint } from '../../support/invariants/fingerprint.ts';
import { runInvariants } from '../../support/invariants/invariants.ts';
import type { Checked, Invariant, Violation } from '../../support/invariants/invariants.ts';
import { readTopic } from '../../support/read-topic.ts';
import {
  acknowledged,
  cancelled,
  confirmed,
  fillShopAtRest,
  rejected,
  returned,
} from '../../support/shop-at-rest.ts';
import { readSlot } from '../../support/slot-reader.ts';
import { createTestDatabase } from '../../support/test-database.ts';
import type { TestDatabase } from '../../support/test-database.ts';
import { stackValue, testKafka } from '../../support/test-stack.ts';
import { uniquePrefix } from '../../support/test-topics.ts';

const services = ['orders', 'inventory', 'sales'] as const;
type Service = (typeof services)[number];

let databases: Record<Service, TestDatabase>;
/** As the superuser. */
let planters: Record<Service, Pool>;
let checked: Checked;

beforeAll(async () => {
  databases = {
    orders: await createTestDatabase('orders'),
    inventory: await createTestDatabase('inventory'),
    sales: await createTestDatabase('sales'),
  };
  const planter = ({ adminUrl }: TestDatabase): Pool =>
    createPool({ connectionString: adminUrl, applicationName: 'test', log: silentLog, max: 1 });
  planters = {
    orders: planter(databases.orders),
    inventory: planter(databases.inventory),
    sales: planter(databases.sales),
  };
  const pools = { ...planters, close: () => Promise.resolve() };
  checked = { databases: pools, acknowledged, planted: [], returned: [returned] };
  await fillShopAtRest(planters);
});
afterAll(async () => {
  for (const name of services) {
    await planters[name].end();
    await databases[name].drop();
  }
});

/** The invariants that were proved to be able to fail. */
const proved = new Set<Invariant>();
function expectFound(found: readonly Violation[], expected: Invariant): void {
  expect(new Set(found.map(({ invariant }) => invariant))).toEqual(new Set([expected]));
  proved.add(expected);
}

interface Row {
  readonly topic: string;
  readonly id: string;
  readonly key: string;
  readonly type: string;
  readonly seq: number;
  readonly payload: Buffer;
}

/** As Debezium's router writes it. */
const messageOf = ({ id, key, type, seq, payload }: Row) => ({
  key,
  value: payload,
  headers: { id, eventType: type, keySeq: String(seq) },
});

/** Topics of their own that hold these rows. */
async function produced(rows: readonly Row[]): Promise<(topic: string) => ReturnType<typeof readTopic>> {
  const prefix = uniquePrefix();
  await applyTopics(testKafka(), topicCatalogue(prefix), { replicationFactor: 1, log: silentLog });
  const producer = testKafka().producer();
  await producer.connect();
  for (const row of rows) await producer.send({ topic: prefix + row.topic, messages: [messageOf(row)] });
  await producer.disconnect();
  return (topic) => readTopic(prefix + topic);
}

describe('the topics', () => {
  const topics = ['orders.events', 'inventory.events'];
  let rows: Row[];
  beforeAll(async () => {
    const text = `select topic, event_id as id, partition_key as key, event_type as type, key_seq as seq, payload
                  from pipeline.outbox order by outbox.id`;
    const read = await Promise.all(
      [planters.orders, planters.inventory].map((one) => one.query<Row>({ text })),
    );
    rows = read.flatMap((result) => result.rows);
  });

  test('hold every row, one of them twice: no violation', async () => {
    const read = await produced([...rows, ...rows.slice(0, 1)]);
    expect(await checkRecords(checked, read, topics)).toEqual([]);
  });

  test('lack a row', async () => {
    expectFound(await checkRecords(checked, await produced(rows.slice(1)), topics), 'said-in-kafka');
  });

  test('lack a row of which they lost the record on purpose, and one that was said later', async () => {
    const said = rows.filter(({ topic }) => topic === 'orders.events');
    const [early, late] = said as [Row, Row, ...Row[]];
    const read = await produced(rows.filter((row) => row !== early && row !== late));
    const cutAt = (topic: string, ms: number): Checked => ({ ...checked, cut: new Map([[topic, ms]]) });
    const missing = ({ id }: Row) => ({
      invariant: 'said-in-kafka',
      detail: `${id} is not in orders.events`,
    });
    const cut = cutAt('orders.events', timeOfEventId(early.id));
    expect(await checkRecords(cut, read, topics)).toEqual([missing(late)]);
    const cutLater = cutAt('orders.events', timeOfEventId(late.id));
    expect(await checkRecords(cutLater, read, topics)).toEqual([]);
    const cutElsewhere = cutAt('inventory.events', timeOfEventId(late.id));
    const both = await checkRecords(cutElsewhere, read, topics);
    expect(new Set(both)).toEqual(new Set([missing(early), missing(late)]));
  });

  test.each([
    ['bytes', { payload: Buffer.from('other') }],
    ['key', { key: 'bob' }],
    ['sequence', { seq: 9 }],
    ['type', { type: 'OrderForgotten' }],
  ])('hold a row with another %s', async (_, change) => {
    const [first, ...others] = rows as [Row, ...Row[]];
    const read = await produced([{ ...first, ...change }, ...others]);
    expectFound(await checkRecords(checked, read, topics), 'kafka-as-written');
  });

  test('hold an event that nobody said, unless it was planted', async () => {
    const [first] = rows as [Row, ...Row[]];
    const read = await produced([...rows, { ...first, id: confirmed, key: 'poison' }]);
    expectFound(await checkRecords(checked, read, topics), 'kafka-was-said');
    const planted = [{ consumer: 'inventory', key: 'poison' }];
    expect(await checkRecords({ ...checked, planted }, read, topics)).toEqual([]);
    // What an outbox says under such a key counts all the same.
    const withAnn = [...planted, { consumer: 'inventory', key: 'ann' }];
    const without = await produced(rows.filter(({ key }) => key !== 'ann'));
    expectFound(await checkRecords({ ...checked, planted: withAnn }, without, topics), 'said-in-kafka');
  });
});

test('a consumer that has not read to the end is found, and one beyond it', async () => {
  const ends = (records: number) => new Map([['orders.events', new Map([[0, records]])]]);
  for (const [consumer, database] of [
    ['inventory', planters.inventory],
    ['sales', planters.sales],
  ] as const)
    await database.query({
      text: `insert into pipeline.consumer_positions values ($1, 'orders.events', 0, 0, 7)`,
      values: [consumer],
    });
  expect(await checkLag(checked, ends(7))).toEqual([]);
  expectFound(await checkLag(checked, ends(8)), 'lag-zero');
  expectFound(await checkLag(checked, ends(6)), 'lag-zero');
});

test('a slot that is not read, is gone or holds back too much is found', async () => {
  const slot = `planted_${databases.orders.database}`;
  await planters.orders.query({
    text: `select pg_create_logical_replication_slot($1, 'pgoutput')`,
    values: [slot],
  });
  expectFound(await checkSlots(planters.orders, [slot]), 'slot-active');
  const url = new URL(databases.orders.adminUrl);
  url.username = stackValue('CDC_ORDERS_USER');
  url.password = stackValue('CDC_ORDERS_PASSWORD');
  const reader = await readSlot({ connectionString: url.href, slot, publication: 'orders_outbox' });
  expect(await checkSlots(planters.orders, [slot])).toEqual([]);
  expectFound(await checkSlots(planters.orders, [slot], -1), 'log-bounded');
  await reader.close();
  await dropSlot(planters.orders, slot);
  expectFound(await checkSlots(planters.orders, [slot]), 'slot-active');
});

test('an unhandled rejection in a log is found', () => {
  expect(checkLogs([['orders', '{"msg":"listening"}\n']])).toEqual([]);
  for (const words of ['{"msg":"unhandled rejection"}', "    throw er; // Unhandled 'error' event"])
    expectFound(checkLogs([['orders', `${words}\n`]]), 'no-unhandled-rejection');
});

/** What the order service answered to all that is in the shop at rest. */
const ordered = {
  ...{ orderId: confirmed, reference: 'first', currency: 'GBP', totalMinor: 500 },
  placedAt: '2026-03-04T12:00:00.000Z',
};
const accepted = {
  ...{ returnId: returned, orderId: null, currency: 'GBP', totalMinor: 250 },
  returnedAt: '2026-03-04T12:00:00.000Z',
};
const isCancelled = { orderId: cancelled, status: 'CANCELLED', cancelledAt: '2026-03-04T13:00:00.000Z' };
const refused = { title: 'The order can not be cancelled', status: 409, orderStatus: 'REJECTED' };
const replies: readonly Reply[] = [
  { what: 'an order', first: ordered, again: ordered },
  { what: 'a return', first: accepted, again: accepted },
  { what: 'a cancel', cancels: cancelled, first: isCancelled },
  { what: 'a cancel that was refused', cancels: rejected, first: refused },
];

test('answers that say what is there are no violation', async () => {
  expect(await checkReplies(checked, replies)).toEqual([]);
});

test.each<readonly [string, Reply]>([
  ['an order that is not there', { what: 'it', first: { ...ordered, orderId: returned } }],
  ['an order with another total', { what: 'it', first: { ...ordered, totalMinor: 501 } }],
  [
    'an order placed at another time',
    { what: 'it', first: { ...ordered, placedAt: isCancelled.cancelledAt } },
  ],
  ['a return that is not there', { what: 'it', first: { ...accepted, returnId: confirmed } }],
  ['a return with another total', { what: 'it', first: { ...accepted, totalMinor: 251 } }],
  ['a return of an order', { what: 'it', first: { ...accepted, orderId: confirmed } }],
  ['another answer to an order', { what: 'it', first: ordered, again: { ...ordered, totalMinor: 501 } }],
  [
    'another answer to a return',
    { what: 'it', first: accepted, again: { ...accepted, returnId: confirmed } },
  ],
  [
    'a cancelled order that is confirmed',
    { what: 'it', cancels: confirmed, first: { ...isCancelled, orderId: confirmed } },
  ],
  [
    'a cancel of another order',
    { what: 'it', cancels: cancelled, first: { ...isCancelled, orderId: confirmed } },
  ],
  [
    'a cancel at another time',
    { what: 'it', cancels: cancelled, first: { ...isCancelled, cancelledAt: ordered.placedAt } },
  ],
  [
    'a cancel that was refused, of an order that is cancelled',
    { what: 'it', cancels: cancelled, first: refused },
  ],
  [
    'a cancel that got the answer of something else',
    { what: 'it', cancels: cancelled, first: { status: 422 } },
  ],
  ['an answer that says nothing', { what: 'it', first: 'so be it' }],
])('%s is found', async (_, reply) => {
  const found = await checkReplies(checked, [...replies, reply]);
  expectFound(found, 'replies-match');
  expect(found).toHaveLength(1);
});

test('a row that a replay changes is found', async () => {
  const print = () => fingerprint('sales', planters.sales);
  const before = await print();
  await planters.sales.query({ text: 'update pipeline.consumer_positions set next_offset = 3' });
  expect(checkReplay(before, await print())).toEqual([]);
  await planters.sales.query({ text: 'update sales.sales_by_day set orders = orders + 1' });
  expectFound(checkReplay(before, await print()), 'replay-changes-nothing');
});

test('each invariant of a running pipeline has a violation that was planted for it', () => {
  expect(Object.keys(runInvariants).filter((name) => !proved.has(name as Invariant))).toEqual([]);
});
