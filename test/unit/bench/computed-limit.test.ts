import { computedLimit } from '../../bench/compare/computed-limit.ts';
import type { ArmWindow } from '../../bench/compare/summarise-windows.ts';
import { percentilesOf } from '../../bench/percentiles.ts';

const one = percentilesOf([1]);
const stages = {
  answered: one,
  inKafka: one,
  applied: one,
  settled: one,
  answerToKafka: one,
  kafkaToApplied: one,
};

const windowOf = (rate: number, more: Partial<ArmWindow> = {}): ArmWindow => ({
  arm: 'a',
  repeat: 0,
  rate,
  orders: 1_000,
  refused: 0,
  lateMs: one,
  stages,
  applied: 1_000,
  lost: 0,
  cpu: { postgres: 0.2, orders: 0.25, 'load generator': 0.05 },
  busyElsewhere: 0,
  walBytes: 0,
  memory: undefined,
  ...more,
});

describe('computedLimit', () => {
  test('what the cores allow at the cost of the highest rate that was held', () => {
    const cheap = windowOf(500, { cpu: { postgres: 0.001 } });
    const behind = windowOf(2_000, { stages: undefined, cpu: { postgres: 9 } });
    expect(computedLimit([cheap, windowOf(1_000), behind], 2)).toMatchObject({
      rate: 1_000,
      cpuPerOrder: 0.0005,
      byCores: 3_600,
      limit: 3_600,
    });
  });

  test('or what one thread allows, where that is less', () => {
    expect(computedLimit([windowOf(1_000)], 8)).toMatchObject({
      byCores: 14_400,
      slowest: 'orders',
      bySlowest: 4_000,
      limit: 4_000,
    });
  });

  test('no limit where no rate was held', () => {
    expect(computedLimit([windowOf(500, { stages: undefined })], 2)).toBeUndefined();
  });
});
