import type { ConnectorState, SlotState } from '../../../src/dashboard/dashboard-state.ts';
import { decideWay, type WayFacts } from '../../../src/dashboard/decide-way.ts';

const now = Date.UTC(2026, 0, 1);
const connector = (name: string, more: Partial<ConnectorState> = {}): ConnectorState => ({
  ...{ name, state: 'RUNNING', worker: 'w', since: now, restarts: 0, health: 'good', reasons: [] },
  ...{ trace: null, heartbeatAgeMs: 100, tasks: [] },
  ...more,
});
const slot = (name: string, more: Partial<SlotState> = {}): SlotState => ({
  ...{ name, database: name, connector: name, active: true, walStatus: 'reserved', bytesHeld: 12_345 },
  ...{ bytesLeft: 4e9, bytesPerSecond: 0, msUntilFull: null, health: 'good' },
  ...more,
});
const group = (name: string, topic: string, owner: string | null = 'a', lag = 0) => ({
  ...{ name, state: 'Stable', idle: [] },
  partitions: [{ topic, partition: 0, position: 10, end: 10 + lag, lag, owner }],
});
const outbox = (name: string) => ({
  connector: name,
  ...{ databaseProblem: null, rowsPerSecond: 3, logBytesPerSecond: 900 },
});
const good: WayFacts = {
  now,
  requests: { perSecond: 3, meanMs: 4, problem: null },
  outboxes: { orders: outbox('orders-outbox'), inventory: outbox('inventory-outbox') },
  topics: { orders: { perSecond: new Map([[0, 2]]) }, inventory: { perSecond: new Map([[0, 1]]) } },
  readers: {
    orders: { perSecond: 1, behindMs: 0 },
    inventory: { perSecond: 2, behindMs: 0 },
    sales: { perSecond: 2, behindMs: 0 },
  },
  kafkaProblem: null,
  connectors: { problem: null, connectors: [connector('orders-outbox'), connector('inventory-outbox')] },
  slots: { problem: null, slots: [slot('orders-outbox'), slot('inventory-outbox')] },
  probes: { problem: null, probes: [] },
  groups: [
    group('inventory', 'orders.events'),
    group('sales', 'orders.events'),
    group('orders', 'inventory.events'),
  ],
  held: { problem: null, keys: [] },
  flow: {
    ...{ ordersWalMs: 2, ordersDebeziumMs: 3, inventoryMs: 4, inventoryWalMs: 2, inventoryDebeziumMs: 3 },
    ...{ settleMs: 4, endToEndP50Ms: 20, endToEndP99Ms: 40 },
  },
};
const health = (facts: Partial<WayFacts>): Record<string, string> =>
  Object.fromEntries(
    decideWay({ ...good, ...facts })
      .hops.filter((hop) => hop.health !== 'good')
      .map((hop) => [hop.id, hop.health]),
  );

test('a way on which all is well says so', () => {
  const way = decideWay(good);
  expect(way).toMatchObject({ health: 'good', endToEndP50Ms: 20, endToEndP99Ms: 40 });
  expect(way.hops.map(({ id }) => id)).toEqual([
    ...['http', 'orders-db', 'orders-wal', 'orders-debezium', 'orders-topic', 'sales', 'inventory'],
    ...['inventory-db', 'inventory-wal', 'inventory-debezium', 'inventory-topic', 'orders'],
  ]);
  expect(way.hops.find(({ id }) => id === 'orders-wal')).toMatchObject({ note: '12 kB held', delayMs: 2 });
});

test('a paused connector breaks its own hop, and is what people across the room read', () => {
  const paused = connector('orders-outbox', {
    ...{ state: 'PAUSED', health: 'broken' },
    reasons: ['The connector is PAUSED; npx outbox connectors resume orders-outbox.'],
  });
  const facts = { connectors: { problem: null, connectors: [paused, connector('inventory-outbox')] } };
  expect(health(facts)).toEqual({ 'orders-debezium': 'broken' });
  expect(decideWay({ ...good, ...facts }).verdict).toMatch(/^orders-outbox is PAUSED/);
});

test('with Connect away, what comes through decides', () => {
  const connectors = { ...good.connectors, problem: 'Connect does not answer.' };
  const probe = (arrived: boolean) => ({
    ...{
      connector: 'orders-outbox',
      sentAt: now,
      arrived,
      ageMs: 20,
      hops: {},
      slowHop: null,
      reason: 'stuck',
    },
  });
  expect(health({ connectors, probes: { problem: null, probes: [probe(true)] } })).toEqual({
    'orders-debezium': 'slow',
    'inventory-debezium': 'broken',
  });
  expect(health({ connectors, probes: { problem: null, probes: [probe(false)] } })).toMatchObject({
    'orders-debezium': 'broken',
  });
});

test.each([
  ['nobody reads for it', { groups: [group('inventory', 'orders.events', null)] }, 'broken'],
  ['it stands', { behindMs: 20_000, perSecond: 0 }, 'broken'],
  ['it is behind', { behindMs: 20_000, perSecond: 9 }, 'slow'],
])(
  'a consumer: %s',
  (
    _,
    { groups, ...reader }: { groups?: WayFacts['groups']; behindMs?: number; perSecond?: number },
    expected,
  ) => {
    const facts = {
      ...(groups && { groups }),
      readers: { ...good.readers, inventory: { perSecond: 2, behindMs: 0, ...reader } },
    };
    expect(health(facts)).toMatchObject({ inventory: expected });
  },
);

test('what is dead or lost is broken, and only that', () => {
  expect(health({ requests: { perSecond: null, meanMs: null, problem: 'No answer.' } })).toEqual({
    http: 'broken',
  });
  expect(
    health({
      slots: {
        problem: null,
        slots: [slot('orders-outbox', { walStatus: 'lost' }), slot('inventory-outbox')],
      },
    }),
  ).toEqual({
    'orders-wal': 'broken',
  });
  const orders = { ...outbox('orders-outbox'), databaseProblem: 'Database orders does not answer.' };
  expect(health({ outboxes: { ...good.outboxes, orders } })).toEqual({ 'orders-db': 'broken' });
  expect(health({ kafkaProblem: 'Kafka does not answer.' })).toMatchObject({
    'orders-topic': 'broken',
    'inventory-topic': 'broken',
    inventory: 'unknown',
  });
});

test('a parked key makes its consumer slow, not broken: other keys flow', () => {
  const key = {
    ...{
      consumer: 'sales',
      topic: 'orders.events',
      key: 'ada',
      state: 'parked' as const,
      reason: 'no such country',
    },
    ...{ attempts: 1, since: now, events: 1, firstEventId: null, firstType: null, expectedSeq: null },
  };
  const held = { problem: null, keys: [key] };
  expect(health({ held })).toEqual({ sales: 'slow' });
  expect(decideWay({ ...good, held }).verdict).toBe('Consumer sales has parked key ada: no such country.');
});
