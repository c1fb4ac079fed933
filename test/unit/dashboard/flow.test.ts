import { readRequests } from '../../../src/dashboard/collect/read-requests.ts';
import { sampler } from '../../../src/dashboard/collect/follow-events.ts';
import { CounterRate } from '../../../src/dashboard/flow/counter-rate.ts';
import { FlowMeter } from '../../../src/dashboard/flow/flow-meter.ts';
import { LagTime } from '../../../src/dashboard/flow/lag-time.ts';
import { WindowSamples } from '../../../src/dashboard/flow/window-samples.ts';

test('a rate is that of the last seconds, and begins anew when the count falls', () => {
  const rate = new CounterRate(6_000);
  expect(rate.perSecond(0)).toBeNull();
  for (let second = 0; second <= 10; second++) rate.add(second * 1_000, second < 5 ? 0 : (second - 4) * 10);
  expect(rate.perSecond(10_000)).toBeCloseTo(10);
  expect(rate.perSecond(20_000)).toBeNull();
  rate.add(11_000, 3);
  expect(rate.perSecond(11_000)).toBeNull();
  rate.add(12_000, 5);
  expect(rate.perSecond(12_000)).toBe(2);
});

test('a reader is behind since the log passed its position', () => {
  const lag = new LagTime();
  lag.addEnd(0, 10);
  lag.addEnd(1_000, 10);
  lag.addEnd(2_000, 15);
  lag.addEnd(5_000, 20);
  expect(lag.behindMs(6_000, 20)).toBe(0);
  expect(lag.behindMs(6_000, 15)).toBe(1_000);
  expect(lag.behindMs(6_000, 12)).toBe(4_000);
  expect(lag.behindMs(6_000, 3)).toBe(6_000);
});

test('quantiles are of the window only, and memory is bounded', () => {
  const samples = new WindowSamples(60_000, () => 0);
  for (let index = 0; index < 10_000; index++) samples.add(0, 5);
  samples.add(50_000, 100);
  expect(samples.quantiles(50_000, [0.5, 0.999])).toEqual([5, 100]);
  expect(samples.quantiles(50_000, [0.5], 10_000)).toEqual([100]);
  samples.add(120_000, 7);
  expect(samples.quantiles(120_000, [0.5])).toEqual([7]);
  expect(samples.quantiles(300_000, [0.5])).toEqual([null]);
});

test('a burst is shown whole, a flood as twenty a second', () => {
  const mayShow = sampler(20);
  const shown = (from: number, to: number): number => {
    let count = 0;
    for (let now = from; now < to; now++) if (mayShow(now)) count += 1;
    return count;
  };
  expect(shown(1_000, 1_004)).toBe(4);
  expect(shown(5_000, 15_000)).toBe(219);
});

test('the way of an order is timed by what its events say', () => {
  const meter = new FlowMeter();
  const now = Date.UTC(2026, 0, 1);
  const record = (eventType: string, saidMs: number, readMs: number, inTopicMs: number) => ({
    ...{ topic: 't', partition: 0, offset: 0, key: null, value: null, timestamp: now + inTopicMs },
    headers: {
      ...{ eventType, aggregateId: 'o' },
      occurredAt: new Date(now + saidMs).toISOString(),
      readAt: String(now + readMs),
    },
  });
  meter.add(record('OrderPlaced', 0, 10, 13), now);
  meter.add(record('StockReserved', 33, 38, 45), now);
  meter.add(record('OrderConfirmed', 60, 70, 80), now);
  meter.add(record('OrderConfirmed', 60, 70, 80), now);
  expect(meter.figures(now)).toEqual({
    ...{ ordersWalMs: 10, ordersDebeziumMs: 3, inventoryMs: 20, inventoryWalMs: 5, inventoryDebeziumMs: 7 },
    ...{ settleMs: 15, endToEndP50Ms: 60, endToEndP99Ms: 60 },
  });
  expect(meter.takeSettled(now)).toEqual({ confirmed: 2, rejected: 0, p50Ms: 60, p99Ms: 60 });
  expect(meter.takeSettled(now)).toEqual({ confirmed: 0, rejected: 0, p50Ms: null, p99Ms: null });
});

test('requests are read from the metrics: those that ask for something', () => {
  const metrics = `# HELP http_request_duration_seconds Seconds
http_request_duration_seconds_bucket{le="1",method="POST",route="/orders",status="201",service="orders"} 2
http_request_duration_seconds_sum{method="POST",route="/orders",status="201",service="orders"} 0.25
http_request_duration_seconds_count{method="POST",route="/orders",status="201",service="orders"} 2
http_request_duration_seconds_count{method="POST",route="/returns",status="201",service="orders"} 3
http_request_duration_seconds_sum{method="GET",route="/metrics",status="200",service="orders"} 9
http_request_duration_seconds_count{method="GET",route="/metrics",status="200",service="orders"} 9
`;
  expect(readRequests(metrics)).toEqual({ count: 5, seconds: 0.25 });
});
