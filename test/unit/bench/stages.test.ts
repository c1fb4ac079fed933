import { rateOf } from '../../bench/drain/rate-of.ts';
import { renderStages } from '../../bench/stages/render-stages.ts';
import { stageList } from '../../bench/stages/stages.ts';
import { limitOfAll, summariseStages } from '../../bench/stages/summarise-stages.ts';
import type { StageRun } from '../../bench/stages/summarise-stages.ts';

const machine = {
  cpu: 'a processor',
  cores: 2,
  memoryGiB: 24,
  system: 'Linux',
  node: '24',
  postgres: '18',
  kafka: '4',
  debezium: '3',
};

const runOf = (stage: string, perSecond: number, cpu: StageRun['cpu']): StageRun => ({
  stage,
  perSecond,
  events: 10_000,
  cpu,
  busyElsewhere: 0.1,
});

const commit = runOf('commit', 2_000, { 'load generator': 1, orders: 4, postgres: 3 });
const debezium = runOf('debezium', 20_000, { postgres: 0.5, connect: 1.5, kafka: 0.5 });
const apply = runOf('apply', 17_000, { inventory: 0.5, postgres: 1, connect: 0 });

test('stageList: some of them by their names; another name is refused with those that there are', () => {
  expect(stageList('http,apply')).toEqual(['http', 'apply']);
  expect(() => stageList('http,post')).toThrow(
    'There is no stage post. There are: http, commit, decode, debezium, consume, apply.',
  );
});

test('rateOf: from the first moment to the last, in whatever order they come', () => {
  expect(rateOf([3_000, 1_000, 2_000, 1_500])).toBe(2);
});

describe('summariseStages', () => {
  test('what an event costs over all repeats, and the limit that follows', () => {
    const again = runOf('commit', 3_000, { 'load generator': 1, orders: 2, postgres: 3 });
    const [summary] = summariseStages([commit, again], 2);
    expect(summary?.perSecond).toEqual({ median: 2_500, min: 2_000, max: 3_000 });
    expect(1e6 * (summary?.costs?.['orders'] ?? 0)).toBeCloseTo(300);
    expect(1e6 * (summary?.limit?.cpuPerOrder ?? 0)).toBeCloseTo(700);
    expect(summary?.limit).toMatchObject({ slowest: 'orders' });
    expect(summary?.limit?.byCores).toBeCloseTo(1.8 / 700e-6);
  });

  test('no cost and no limit where the system does not tell', () => {
    const [summary] = summariseStages([runOf('http', 9_000, undefined)], 2);
    expect(summary).toMatchObject({ costs: undefined, limit: undefined });
  });
});

test('limitOfAll: what all of them take of the same cores; nothing when one is missing', () => {
  const summaries = summariseStages([commit, debezium, apply], 2);
  const limit = limitOfAll(summaries, ['commit', 'debezium', 'apply'], 2);
  expect(1e6 * (limit?.cpuPerOrder ?? 0)).toBeCloseTo(1_200);
  expect(limit?.limit).toBeCloseTo(1_500);
  expect(limitOfAll(summaries.slice(1), ['commit', 'debezium', 'apply'], 2)).toBeUndefined();
});

describe('renderStages', () => {
  const options = { orders: 10_000, seconds: 10, repeats: 1, seed: 1 };
  const render = (runs: readonly StageRun[]): string =>
    renderStages({ machine, takenAt: '2026-01-01T00:00:00.000Z', options, runs });

  test('ceiling, limits and costs, along an order’s way, and the limit of all of it', () => {
    const text = render([apply, debezium, commit]);
    expect(text).toMatch(/│ commit +│ +2,000 │ +2,250 │ +2,500 \(orders\) │ +0\.10 │/);
    expect(text).toMatch(/│ debezium +│ +20,000 │ +7,200 │ +– │ +0\.10 │/);
    expect(text).toMatch(/│ commit +│ +100 │ +400 │ +300 │ +– │ +– │ +– │ +– │ +800 │/);
    expect(text.indexOf('│ commit')).toBeLessThan(text.indexOf('│ debezium'));
    expect(text).toContain('commit + debezium + apply for each order on the same 2 cores: 1,200 µs');
    expect(text).toContain('computed 1,500 orders/s at most');
  });

  test('no limit of all of it when a part was not measured', () => {
    expect(render([commit, apply])).not.toContain('for each order on the same');
  });
});
