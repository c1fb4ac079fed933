import { percentile } from '../../../scripts/demo/latency.ts';
import { isSound, renderSummary } from '../../../scripts/demo/summary.ts';
import type { Summary } from '../../../scripts/demo/summary.ts';

const summary: Summary = {
  sent: 10,
  accepted: 9,
  refusedByService: 1,
  refusedByServiceReasons: { '400 too many lines': 1 },
  confirmed: 8,
  rejected: 1,
  returned: 2,
  returnsRefusedByService: 0,
  rows: 42_481,
  refused: 3,
  refusedByReason: { 'price is zero': 3 },
  refusedInvoices: 1,
  refusedInvoicesByReason: { 'price is zero': 1 },
  retries: 0,
  events: 31,
  redelivered: 0,
  lost: 0,
  appliedTwice: 0,
  stockConserved: true,
  findings: [],
  p50Ms: 7.123,
  p99Ms: 42.4,
  ordersPerSecond: 300,
  seconds: 5,
  restarts: 0,
};

describe('isSound', () => {
  test('holds when all arrived once and the stock adds up', () => expect(isSound(summary)).toBe(true));

  test.each<Partial<Summary>>([
    { lost: 1 },
    { appliedTwice: 1 },
    { stockConserved: false },
    { confirmed: 7 },
  ])('does not hold with %j', (changes) => expect(isSound({ ...summary, ...changes })).toBe(false));
});

describe('renderSummary', () => {
  test('says the figures and what they mean', () => {
    const text = renderSummary(summary);
    expect(text).toMatch(/rows refused +3 +of 42,481 in the file: 3 price is zero/);
    expect(text).toMatch(/request to stock +7\.1 ms +p50; p99 42 ms/);
    expect(text).toMatch(/✓ Nothing was lost/);
  });

  test('says what was found wrong', () => {
    const text = renderSummary({ ...summary, lost: 1, findings: ['order 1 was never decided'] });
    expect(text).toMatch(/✗ order 1 was never decided\n✗ The run is not sound/);
  });
});

describe('percentile', () => {
  test('takes the nearest rank', () => {
    const values = Array.from({ length: 100 }, (_, index) => 100 - index);
    expect([percentile(values, 0.5), percentile(values, 0.99), percentile([5], 0.99)]).toEqual([50, 99, 5]);
  });

  test('is nothing of nothing', () => expect(percentile([], 0.5)).toBeNull());
});
