import { judgeHeld } from '../../../src/consumer/held-keys-check.ts';

const now = new Date('2026-03-01T12:00:00Z');
const none = { keys: 0, events: 0, since: null };
const held = (keys: number, forMs: number) => ({
  keys,
  events: keys,
  since: new Date(now.getTime() - forMs),
});

test.each([
  ['nothing', none, none, { ok: true, detail: 'holds no key' }],
  [
    'a parked key',
    held(1, 1_000),
    none,
    { ok: true, warning: true, detail: '1 key parked, the oldest for 1 s (npx outbox parked list)' },
  ],
  [
    'a key that waits a little',
    none,
    held(2, 5 * 60_000),
    {
      ok: true,
      detail: '2 keys waiting for a missing event, the oldest for 5 min (npx outbox parked list)',
    },
  ],
  [
    'a key that waits for long',
    none,
    held(1, 5 * 60_000 + 1),
    {
      ok: true,
      warning: true,
      detail: '1 key waiting for a missing event, the oldest for 5 min (npx outbox parked list)',
    },
  ],
  [
    'both, since the day before yesterday, by a clock that is behind',
    held(3, 49 * 3_600_000),
    held(1, -2_000),
    {
      ok: true,
      warning: true,
      detail:
        '3 keys parked, the oldest for 49 h; 1 key waiting for a missing event, the oldest for 0 s (npx outbox parked list)',
    },
  ],
])('%s', (_, parked, waiting, result) => {
  expect(judgeHeld({ consumer: 'tally', parked, waiting }, now)).toEqual(result);
});
