import type { MeasuredWindow, Stages } from '../../bench/compare/measure-window.ts';
import { tablesOf } from '../../bench/compare/render-comparison.ts';
import { summariseWindows } from '../../bench/compare/summarise-windows.ts';
import type { ArmWindow } from '../../bench/compare/summarise-windows.ts';
import { percentilesOf } from '../../bench/percentiles.ts';

const stages = (ms: number): Stages => {
  const all = percentilesOf([ms, 2 * ms]);
  return {
    answered: all,
    inKafka: all,
    applied: all,
    settled: all,
    answerToKafka: all,
    kafkaToApplied: all,
  };
};

function windowOf(arm: string, repeat: number, ms: number, more: Partial<MeasuredWindow> = {}): ArmWindow {
  return {
    arm,
    repeat,
    rate: 100,
    orders: 500,
    refused: 0,
    lateMs: percentilesOf([0.5]),
    stages: stages(ms),
    applied: 500,
    lost: 0,
    cpu: { postgres: 1, relay: 0.25, 'relay of inventory': 0.25, 'load generator': 9 },
    busyElsewhere: 0.1,
    walBytes: 1_000_000,
    memory: { postgres: 100, 'load generator': 50 },
    ...more,
  };
}

describe('summariseWindows', () => {
  test('the median of the repeats, with the least and the most', () => {
    const [summary] = summariseWindows([windowOf('a', 0, 30), windowOf('a', 1, 10), windowOf('a', 2, 20)]);
    expect(summary?.stages?.applied?.p50).toEqual({ median: 20, min: 10, max: 30 });
    expect(summary?.stages?.applied?.max).toEqual({ median: 40, min: 20, max: 60 });
    expect(summary).toMatchObject({ arm: 'a', rate: 100, runs: 3, fellBehind: 0 });
  });

  test('cost for 1,000 orders, relays as one, without the load generator', () => {
    const [summary] = summariseWindows([windowOf('a', 0, 1)]);
    expect(summary?.cpuPerThousand).toMatchObject({ postgres: { median: 2 }, relay: { median: 1 } });
    expect(summary?.cpuTotal?.median).toBe(3);
    expect(summary?.walBytesPerOrder.median).toBe(2_000);
    expect(Object.keys(summary?.memory ?? {})).toEqual(['postgres']);
  });

  test('no latencies where a repeat fell behind: those of the others would flatter', () => {
    const behind = windowOf('a', 1, 10, { stages: undefined, applied: 20 });
    const [summary] = summariseWindows([windowOf('a', 0, 10), behind]);
    expect(summary).toMatchObject({ runs: 2, fellBehind: 1, stages: undefined });
  });

  test('by arm, then by rate, leaving out what was not run', () => {
    const windows = [
      windowOf('b', 0, 1, { rate: 500 }),
      windowOf('b', 0, 1, { rate: 20 }),
      windowOf('a', 0, 1, { rate: 20 }),
    ];
    expect(summariseWindows(windows).map(({ arm, rate }) => `${arm} ${rate}`)).toEqual([
      'b 20',
      'b 500',
      'a 20',
    ]);
  });
});

describe('tablesOf', () => {
  test('shows median, least and most; and says who fell behind', () => {
    const behind = windowOf('slow', 0, 10, { stages: undefined });
    const text = tablesOf(
      summariseWindows([windowOf('quick', 0, 30), windowOf('quick', 1, 10), behind]),
    ).join('\n');
    expect(text).toContain('20.0 (10.0–30.0)');
    expect(text).toMatch(/slow +│ +100 │ fell behind in 1 of 1/);
  });

  test('shows what was lost', () => {
    const lossy = [windowOf('lossy', 0, 10, { lost: 2 }), windowOf('lossy', 1, 10, { lost: 1 })];
    expect(tablesOf(summariseWindows(lossy)).join('\n')).toMatch(/lossy .* 3 of 1,000 │/);
  });

  test('says when the machine was not left alone', () => {
    const tables = (busyElsewhere: number): string =>
      tablesOf(summariseWindows([windowOf('a', 0, 10, { busyElsewhere }), windowOf('b', 0, 10)])).join('\n');
    expect(tables(0.9)).toContain('up to 0.9 cores were busy with something else, in 1 of 2 rows');
    expect(tables(0.1)).not.toContain('Not alone');
  });

  test('a stage that an arm does not have is a dash', () => {
    const none = windowOf('dual', 0, 10, { stages: { ...stages(10), settled: undefined } });
    expect(tablesOf(summariseWindows([none])).join('\n')).toMatch(/dual .*│ +– │/);
  });
});
