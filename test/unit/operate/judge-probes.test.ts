import {
  isOverdue,
  judgeProbes,
  probeAgeMs,
  type ProbesSeen,
} from '../../../src/operate/probe/judge-probes.ts';

const SINCE = 1_000_000;
const newest = {
  eventId: 'e',
  connector: 'orders-outbox',
  sentAt: SINCE + 5_000,
  committedAt: SINCE + 5_004,
  readAt: SINCE + 5_006,
  appendedAt: SINCE + 5_026,
  arrivedAt: SINCE + 5_027,
};
const seen: ProbesSeen = { since: SINCE, everyMs: 5_000, newest };

test('an age counts from the sending of the newest probe that arrived, or from the start', () => {
  expect(probeAgeMs(seen, SINCE + 7_000)).toBe(2_000);
  expect(probeAgeMs({ ...seen, newest: undefined }, SINCE + 7_000)).toBe(7_000);
  expect(probeAgeMs({ ...seen, since: SINCE + 6_000 }, SINCE + 7_000)).toBe(1_000);
});

test('after 15 s it is overdue, also a probe that was on its way for so long; later where probes are rare', () => {
  expect(isOverdue(seen, SINCE + 20_000)).toBe(false);
  expect(isOverdue(seen, SINCE + 20_001)).toBe(true);
  expect(isOverdue({ ...seen, newest: { ...newest, arrivedAt: SINCE + 20_001 } }, SINCE + 20_001)).toBe(true);
  expect(isOverdue({ ...seen, newest: undefined }, SINCE + 15_000)).toBe(false);
  expect(isOverdue({ ...seen, everyMs: 60_000 }, SINCE + 180_000)).toBe(false);
});

test('green says how old the newest is, how long it took and where; red says before which hop it is stuck', () => {
  expect(judgeProbes(seen, SINCE + 7_000, undefined)).toEqual({
    ok: true,
    detail: 'a probe of 2.0 s ago took 27 ms (commit 4, wal 2, kafka 20, arrival 1), longest in kafka',
  });
  expect(judgeProbes({ ...seen, newest: undefined }, SINCE + 7_000, undefined)).toEqual({
    ok: true,
    detail: 'no probe has arrived yet, 7.0 s after the start',
  });
  expect(judgeProbes(seen, SINCE + 21_000, { hop: 'wal', what: 'nobody reads its slot' })).toEqual({
    ok: false,
    detail: 'no probe sent in the last 16.0 s has arrived: stuck before wal, nobody reads its slot',
  });
});
