import { randomBytes } from 'node:crypto';
import { waitUntil } from '../../src/platform/wait-until.ts';
import { sayImpossibleOrder } from '../support/say-impossible-order.ts';
import { shopOf } from '../support/shop.ts';
import type { OrderAnswer, Shop } from '../support/shop.ts';
import { startSpanCollector } from '../support/span-collector.ts';
import type { CollectedSpan, SpanCollector } from '../support/span-collector.ts';
import { startTestPipeline } from '../support/test-pipeline.ts';
import type { TestPipeline } from '../support/test-pipeline.ts';

let collector: SpanCollector;
let pipeline: TestPipeline;
let shop: Shop;

beforeAll(async () => {
  collector = await startSpanCollector();
  const exporting = {
    OTEL_EXPORTER_OTLP_ENDPOINT: collector.url,
    OTEL_EXPORTER_OTLP_PROTOCOL: 'http/json',
    OTEL_BSP_SCHEDULE_DELAY: '200',
  };
  pipeline = await startTestPipeline({ serviceEnv: () => exporting });
  shop = shopOf(pipeline);
  await shop.setStock('lamp', 1_000);
});
afterAll(async () => {
  await pipeline.stop();
  await collector.close();
});

const newId = (bytes: number): string => randomBytes(bytes).toString('hex');

async function placeWithin(traceparent: string | undefined, customerId: string): Promise<OrderAnswer> {
  const response = await fetch(`${pipeline.service('orders').url}/orders`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', ...(traceparent !== undefined && { traceparent }) },
    body: JSON.stringify({
      customerId,
      country: 'France',
      lines: [{ sku: 'lamp', quantity: 1, unitPriceMinor: 250 }],
    }),
  });
  expect(response.status).toBe(201);
  return (await response.json()) as OrderAnswer;
}

const spansWhere = (find: () => readonly CollectedSpan[], count: number): Promise<readonly CollectedSpan[]> =>
  waitUntil(
    () => {
      const found = find();
      return found.length >= count && found;
    },
    { timeoutMs: 30_000, what: `${count} spans` },
  );

const outcomeOf = ({ service, name, attributes }: CollectedSpan): string =>
  [service, name, attributes['outbox.event_type'], attributes['outbox.outcome']].filter(Boolean).join(' ');

test('an order is one trace: from the request through outbox and Kafka to each consumer, each span below its cause', async () => {
  const [traceId, callerId] = [newId(16), newId(8)];
  const { orderId } = await placeWithin(`00-${traceId}-${callerId}-01`, 'ada');
  expect(await shop.settled(orderId)).toMatchObject({ status: 'CONFIRMED' });
  const spans = await spansWhere(() => collector.ofTrace(traceId), 4);
  const byCause: CollectedSpan[] = [];
  for (let cause = callerId; ; cause = byCause.at(-1)?.spanId ?? '') {
    const caused = spans.filter(({ parentSpanId }) => parentSpanId === cause);
    expect(caused.length).toBeLessThanOrEqual(1);
    if (caused.length === 0) break;
    byCause.push(...caused);
  }
  const topic = (name: string): string => `process ${pipeline.topicPrefix}${name}`;
  expect(byCause.map(outcomeOf)).toEqual([
    'orders POST /orders',
    `inventory ${topic('orders.events')} OrderPlaced reserved`,
    `orders ${topic('inventory.events')} StockReserved confirmed`,
    `sales ${topic('orders.events')} OrderConfirmed counted`,
  ]);
  expect(spans).toHaveLength(4);
  expect(byCause.map(({ kind }) => kind)).toEqual(['server', 'consumer', 'consumer', 'consumer']);
  expect(byCause.map(({ error }) => error)).toEqual([undefined, undefined, undefined, undefined]);
  for (const { seconds } of byCause) expect(seconds).toBeGreaterThan(0);
  expect(byCause[0]?.attributes).toMatchObject({
    'http.request.method': 'POST',
    'http.route': '/orders',
    'http.response.status_code': 201,
  });
  expect(byCause[1]?.attributes).toMatchObject({
    'messaging.system': 'kafka',
    'messaging.destination.name': `${pipeline.topicPrefix}orders.events`,
    'messaging.destination.partition.id': expect.stringMatching(/^\d$/) as string,
    'messaging.kafka.offset': expect.any(Number) as number,
    'messaging.consumer.group.name': `${pipeline.topicPrefix}inventory`,
    'messaging.message.id': expect.stringMatching(/^[0-9a-f-]{36}$/) as string,
    'outbox.aggregate_id': orderId,
  });
});

test('a request without a traceparent begins a trace of its own; one that its caller does not sample is not told of', async () => {
  const unsampled = newId(16);
  const quiet = await placeWithin(`00-${unsampled}-${newId(8)}-00`, 'bob');
  await shop.settled(quiet.orderId);
  // Of the same customer, so that it comes after the other one everywhere.
  const { orderId } = await placeWithin(undefined, 'bob');
  const ofOrder = ({ attributes }: CollectedSpan): boolean => attributes['outbox.aggregate_id'] === orderId;
  const consumed = await spansWhere(() => collector.spans().filter(ofOrder), 3);
  const [traceId = '', ...others] = new Set(consumed.map((span) => span.traceId));
  expect(others).toEqual([]);
  const all = await spansWhere(() => collector.ofTrace(traceId), 4);
  expect(all.filter(({ parentSpanId }) => parentSpanId === '').map(outcomeOf)).toEqual([
    'orders POST /orders',
  ]);
  expect(collector.ofTrace(unsampled)).toEqual([]);
  const { rows } = await pipeline.databases.orders.pool.query<{ traceparent: string }>({
    text: 'select traceparent from pipeline.outbox where aggregate_id = $1 order by id',
    values: [quiet.orderId],
  });
  expect(rows.map(({ traceparent }) => traceparent.replace(/-[0-9a-f]{16}-/, ' '))).toEqual([
    `00-${unsampled} 00`,
    `00-${unsampled} 00`,
  ]);
});

test('an event that is parked ends its span with an error, which its announcement follows', async () => {
  const [traceId, sayer] = [newId(16), newId(8)];
  await sayImpossibleOrder(pipeline.databases.orders.pool, 'pia', `00-${traceId}-${sayer}-01`);
  const [parked] = await spansWhere(() => collector.ofTrace(traceId), 1);
  expect(parked).toMatchObject({
    service: 'inventory',
    parentSpanId: sayer,
    error: 'parked: event_handler_failed; see npx outbox parked list',
    attributes: { 'outbox.outcome': 'parked', 'error.type': 'event_handler_failed' },
  });
  const { rows } = await pipeline.databases.inventory.pool.query({
    text: `select traceparent from pipeline.outbox where event_type = 'KeyHeld' and partition_key = 'pia'`,
  });
  expect(rows).toEqual([{ traceparent: `00-${traceId}-${parked?.spanId ?? ''}-01` }]);
});

test('a collector that takes spans and never answers delays neither requests nor consumers, nor the end of a process', async () => {
  collector.hang();
  const placed: OrderAnswer[] = [];
  await waitUntil(
    async () => {
      placed.push(await placeWithin(undefined, `customer ${placed.length}`));
      return collector.hanging() > 0 && placed.length >= 10;
    },
    { timeoutMs: 30_000, everyMs: 20, what: 'the collector to hang' },
  );
  for (const { orderId } of placed)
    expect(await shop.settled(orderId)).toMatchObject({ status: 'CONFIRMED' });
  const begun = Date.now();
  expect(await pipeline.service('orders').end('SIGTERM')).toBe(0);
  expect(Date.now() - begun).toBeLessThan(9_500);
  expect(pipeline.service('orders').log()).toContain('the last spans were not sent');
});
