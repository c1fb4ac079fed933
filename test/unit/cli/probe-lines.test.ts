import { stripVTControlCharacters } from 'node:util';
import { probeHead, probeLines, wayBar } from '../../../src/cli/probe/probe-lines.ts';
import type { ProbeResult } from '../../../src/operate/probe/probe-result.ts';

const arrived: ProbeResult = {
  connector: 'orders-outbox',
  sentAt: new Date('2026-11-25T10:00:07.120Z'),
  arrived: true,
  hops: { commit: 5, wal: 5, kafka: 10, arrival: 0 },
  ageMs: 20,
  slowHop: 'kafka',
  reason: undefined,
};
const plain = (lines: readonly string[]): string[] => lines.map(stripVTControlCharacters);

test('a probe is one line below the head: age, hops, way and slow hop', () => {
  expect(plain([probeHead(13), ...probeLines(arrived, 13)])).toEqual([
    'sent     connector          age   commit      wal    kafka  arrival   way                  slow',
    '10:00:07 orders-outbox    20 ms     5 ms     5 ms    10 ms     0 ms  cccccwwwwwkkkkkkkkkk kafka',
  ]);
});

test('one that did not arrive says how long it was waited for, before which hop it is stuck, and why', () => {
  const lines = probeLines(
    {
      ...arrived,
      arrived: false,
      hops: { commit: 5 },
      ageMs: 10_000,
      slowHop: 'wal',
      reason: 'The slot is gone.',
    },
    13,
  );
  expect(plain(lines)).toEqual([
    '10:00:07 orders-outbox    >10 s     5 ms        -        -        -  stuck before wal',
    'orders-outbox: The slot is gone.',
  ]);
});

test('the bar is full whatever the shares, and empty without any', () => {
  for (const hops of [{ commit: 1, wal: 1, kafka: 1 }, { commit: 1, wal: 999 }, { arrival: 3 }])
    expect(stripVTControlCharacters(wayBar({ hops }))).toHaveLength(20);
  expect(wayBar({ hops: {} }).trim()).toBe('');
});
