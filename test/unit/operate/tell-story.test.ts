import { tellStory } from '../../../src/operate/trace/tell-story.ts';
import type {
  ConsumerFacts,
  Queued,
  TracedEvent,
  TraceFacts,
} from '../../../src/operate/trace/trace-facts.ts';

const at = new Date('2026-01-05T10:00:00Z');
const later = (ms: number): Date => new Date(at.getTime() + ms);
const event = (more: Partial<TracedEvent> = {}): TracedEvent => ({
  ...{ rowId: 'e1', eventId: 'e1', topic: 'orders.events', key: 'ada', keySeq: 3, type: 'OrderPlaced' },
  ...{ service: 'orders', connector: 'orders-outbox', aggregateId: 'o1', occurredAt: at, traceparent: null },
  ...{ schemaFingerprint: '', payload: Buffer.alloc(0), xid: '7', lsn: 100n, committedAt: later(5), rows: 1 },
  ...more,
});
const consumer = (more: Partial<ConsumerFacts> = {}): ConsumerFacts => ({
  ...{ consumer: 'inventory', expected: new Set(['e1']), recorded: new Map(), queued: new Map() },
  ...{ decided: new Map(), positions: new Map([['orders.events 0', 5]]) },
  ...more,
});
const facts = (more: Partial<TraceFacts> = {}): TraceFacts => ({
  ...{ subject: 'o1', events: [event()], causes: new Map(), topicsRead: new Set(['orders.events']) },
  records: new Map([['e1', { partition: 0, offset: 9, readAt: later(12) }]]),
  ...{ consumers: [consumer()], running: new Map(), readers: new Map(), said: new Map(), problems: [] },
  ...more,
});
const sentenceOf = (more: Partial<TraceFacts>): string | undefined =>
  tellStory(facts(more), { statusAfter: { OrderPlaced: 'PLACED' } }).stuck?.sentence;
const queued = (more: Partial<Queued>): TraceFacts['consumers'] => {
  const one: Queued = {
    ...{ state: 'parked', partition: 0, offset: 9, parkedAt: later(20), code: 'event_invalid', attempts: 1 },
    ...{ reason: 'No.', expectedSeq: null, ahead: 0, first: { eventId: 'e0', type: 'OrderPlaced' } },
    ...more,
  };
  return [consumer({ queued: new Map([['e1', one]]) })];
};

test('of a consumer that no instance runs it is said that it is stopped, and how far behind', () => {
  expect(sentenceOf({ running: new Map([['inventory', false]]) })).toBe(
    'Stopped: no instance of inventory runs; next is offset 5 of partition 0, 5 behind. Start inventory.',
  );
  expect(sentenceOf({ running: new Map([['inventory', true]]) })).toBe(
    'Has not come to it: next is offset 5 of partition 0, 5 behind.',
  );
});

test('behind a parked event: which one it is', () => {
  expect(sentenceOf({ consumers: queued({ ahead: 2 }) })).toMatch(
    /^Behind 2 of its key, the first of which is parked: OrderPlaced e0: No\./,
  );
});

test('behind a gap: the number that is missing, and its own', () => {
  expect(sentenceOf({ consumers: queued({ state: 'waiting', expectedSeq: 2 }) })).toMatch(
    /^Key ada waits for its event #2, which has not come \(this is #3\)/,
  );
});

test('parked itself: why, after how many tries, and what to do', () => {
  expect(sentenceOf({ consumers: queued({}) })).toBe(
    'event_invalid after 1 try: No. Then: npx outbox parked redrive --consumer inventory --key ada',
  );
});

test('what Debezium has passed and the topic has not is lost, unless slot and connector do not fit', () => {
  const records = new Map<string, never>();
  const passed = { confirmedLsn: 200n, trouble: undefined };
  expect(sentenceOf({ records, readers: new Map([['orders-outbox', passed]]) })).toMatch(/: lost\./);
  const broken = { ...passed, trouble: 'The slot is ahead.' };
  expect(sentenceOf({ records, readers: new Map([['orders-outbox', broken]]) })).toBe(
    'Not yet read by Debezium: The slot is ahead.',
  );
  expect(
    sentenceOf({ records, topicsRead: new Set(), readers: new Map([['orders-outbox', passed]]) }),
  ).toMatch(/can't be seen now/);
});

test('an answer whose cause is in no outbox any more says so', () => {
  const answer = event({ eventId: 'e1', rowId: 'r1', type: 'StockReserved' });
  const [first] = tellStory(facts({ events: [answer] }), { statusAfter: {} }).hops;
  expect(first?.detail).toMatch(/dropped by retention/);
});

test('each hop says since when, and how long it took', () => {
  const { hops } = tellStory(facts(), { statusAfter: {} });
  expect(hops.map(({ kind, durationMs }) => [kind, durationMs])).toEqual([
    ['request', null],
    ['commit', 5],
    ['kafka', 7],
    ['consumer', null],
  ]);
  expect(hops[3]).toMatchObject({ state: 'waiting', since: later(12).toISOString(), at: null });
});
