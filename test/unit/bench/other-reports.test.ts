import { renderDrains } from '../../bench/drain/render-drains.ts';
import type { Drain } from '../../bench/drain/measure-drain.ts';
import { renderIdle } from '../../bench/idle/render-idle.ts';
import { renderKills } from '../../bench/kill/render-kills.ts';

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
const takenAt = '2026-01-01T00:00:00.000Z';

const drain = (arm: string, appliedPerSecond: number, orders = 100_000): Drain => ({
  arm,
  orders,
  bulkPerSecond: 8_000,
  eventsPerSecond: 20_000,
  appliedPerSecond,
  seconds: 6,
  cpuMicros: { postgres: 100, connect: 50 },
});

test('a drain: median, least and most of an arm’s runs, and the sum of its processes', () => {
  const drains = [
    drain('a', 1_000),
    drain('a', 3_000),
    drain('a', 2_000),
    drain('b', 500),
    drain('a', 900, 1_000_000),
  ];
  const text = renderDrains({ machine, takenAt, options: { seed: 1 }, drains });
  expect(text).toMatch(/│ a +│ +1,000,000 │ +1 │.* 900 │/);
  expect(text).toMatch(/│ a +│ +100,000 │ +3 │ +8,000 │ +20,000 │ +2,000 \(1,000–3,000\) │ +6\.0 │ +150 │/);
  expect(text).toMatch(/│ b +│ +100,000 │ +1 │.* 500 │/);
  expect(text).toContain('a processor, 2 cores');
});

test('kills: what is stored, and what of it nobody was told', () => {
  const arms = [{ arm: 'a', sent: 900, acknowledged: 500, stored: 510, lost: 7, invented: 0 }];
  const text = renderKills({ machine, takenAt, options: { kills: 6, rate: 200, seed: 1 }, arms });
  expect(text).toMatch(/│ a +│ +900 │ +500 │ +510 │ +7 │ +0 │/);
});

test('idle: a part that an arm does not have costs nothing', () => {
  const arms = [
    { arm: 'a', cores: { postgres: 0.25, connect: 0.125 }, memory: { postgres: 100, connect: 400 } },
  ];
  const text = renderIdle({ machine, takenAt, seconds: 60, arms });
  expect(text).toMatch(/│ a +│ +0\.250 │ +0\.000 │ +0\.125 │.* 0\.375 │ +500 │/);
});
