import type { SourceRun } from '../../bench/source/measure-source.ts';
import { renderSource } from '../../bench/source/render-source.ts';
import { lossPercent, summariseSource } from '../../bench/source/summarise-source.ts';

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

const runOf = (way: SourceRun['way'], orders: number, more: Partial<SourceRun> = {}): SourceRun => ({
  way,
  cores: 'shared',
  orders,
  seconds: 10,
  walBytes: orders * 1_500,
  behind: undefined,
  cpu: { postgres: orders / 4_000, connect: 0, kafka: 0, clients: orders / 5_000 },
  busyElsewhere: 0.1,
  ...more,
});

describe('summariseSource', () => {
  test('orders a second over the repeats, and what one costs', () => {
    const [summary] = summariseSource([
      runOf('outbox', 20_000),
      runOf('outbox', 30_000),
      runOf('outbox', 10_000),
    ]);
    expect(summary?.perSecond).toEqual({ median: 2_000, min: 1_000, max: 3_000 });
    expect(summary?.walBytesPerOrder.median).toBe(1_500);
    expect(summary?.cpuMicros).toMatchObject({ postgres: { median: 250 }, clients: { median: 200 } });
    expect(summary?.behind).toBeUndefined();
  });

  test('nothing of processors where the system does not tell', () => {
    const [summary] = summariseSource([runOf('outbox', 1_000, { cpu: undefined, busyElsewhere: undefined })]);
    expect(summary?.cpuMicros).toEqual({});
    expect(summary?.busyElsewhere).toBeUndefined();
  });
});

test('lossPercent: of what the other commits; below 0 when it is quicker', () => {
  const [quick, slow] = summariseSource([runOf('outbox', 20_000), runOf('connector', 15_000)]);
  if (quick === undefined || slow === undefined) throw new Error('Two were summarised.');
  expect(lossPercent(slow, quick)).toBeCloseTo(25);
  expect(lossPercent(quick, slow)).toBeLessThan(0);
});

test('renderSource: in the order of the ways, whatever came first, each against what it adds to, on the same cores', () => {
  const runs = [
    runOf('connector', 15_000, { behind: 40 }),
    runOf('no-outbox', 40_000),
    runOf('outbox', 20_000),
    runOf('outbox', 22_000),
    runOf('polling', 18_900),
    runOf('outbox', 10_000, { cores: 'apart' }),
    runOf('connector', 9_000, { cores: 'apart' }),
  ];
  const options = { clients: 8, seconds: 10, warmUpSeconds: 3, repeats: 3, seed: 1 };
  const text = renderSource({ machine, takenAt: '2026-01-01T00:00:00.000Z', options, runs });
  expect(text).toMatch(
    /│ shared │ no-outbox +│ +4,000 │ +1,500 │ +250 │ +0 │ +0 │ +– │ +200 │ +– │ +0\.10 │/,
  );
  expect(text).toContain('2,100 (2,000–2,200)');
  expect(text).toMatch(/│ connector +│ +1,500 │.* 40 │ +0\.10 │/);
  expect(text.indexOf('│ no-outbox')).toBeLessThan(text.indexOf('│ connector'));
  expect(text).toContain('shared: outbox against no-outbox: 47.5 % fewer orders a second');
  expect(text).toContain('shared: connector against outbox: 28.6 % fewer orders a second');
  expect(text).toContain('shared: polling against outbox: 10.0 % fewer orders a second');
  expect(text).toContain('apart: connector against outbox: 10.0 % fewer orders a second');
});
