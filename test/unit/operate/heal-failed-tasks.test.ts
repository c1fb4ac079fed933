import * as fc from 'fast-check';
import {
  nextHealStep,
  notFailed,
  type HealPolicy,
  type HealStep,
  type Seen,
} from '../../../src/operate/watch/heal-failed-tasks.ts';

const policy: HealPolicy = { limit: 3, firstWaitMs: 5_000, maxWaitMs: 12_000, healthyForMs: 60_000 };

/** Goes through looks at these seconds, and tells at which of them something was done. */
function stepsOf(looks: readonly (readonly [number, Seen])[]): [number, HealStep][] {
  let state = notFailed;
  const steps: [number, HealStep][] = [];
  for (const [second, seen] of looks) {
    const next = nextHealStep(state, seen, second * 1_000, policy);
    state = next.state;
    if (next.step !== 'nothing') steps.push([second, next.step]);
  }
  return steps;
}

const everySecond = (seen: Seen, from: number, to: number): [number, Seen][] =>
  Array.from({ length: to - from }, (_, index) => [from + index, seen]);

test('restarts at once, then with pauses that double up to the longest, then gives up once', () => {
  expect(stepsOf(everySecond('failed', 0, 100))).toEqual([
    [0, 'restart'],
    [5, 'restart'],
    [15, 'restart'],
    [27, 'give up'],
  ]);
});

test('leaves alone what runs, and what is on its way', () => {
  expect(stepsOf([...everySecond('running', 0, 50), ...everySecond('on the way', 50, 90)])).toEqual([]);
});

test('running for a moment does not end a row, running for a while does', () => {
  const short = [
    ...everySecond('failed', 0, 1),
    ...everySecond('running', 1, 50),
    ...everySecond('failed', 50, 51),
  ];
  expect(stepsOf(short)).toEqual([
    [0, 'restart'],
    [50, 'restart'],
  ]);
  let state = notFailed;
  const seen = (what: Seen, second: number): HealStep => {
    const next = nextHealStep(state, what, second * 1_000, policy);
    state = next.state;
    return next.step;
  };
  seen('failed', 0);
  expect(state.restarts).toBe(1);
  seen('running', 1);
  seen('running', 60);
  expect(state.restarts).toBe(1);
  seen('running', 61);
  expect(state.restarts).toBe(0);
});

test('being on the way in between begins the time of running anew', () => {
  let state = notFailed;
  const looks: [Seen, number][] = [
    ['failed', 0],
    ['running', 1],
    ['on the way', 50],
    ['running', 51],
    ['running', 100],
  ];
  for (const [what, second] of looks) ({ state } = nextHealStep(state, what, second * 1_000, policy));
  expect(state.restarts).toBe(1);
});

test('what was given up is taken up again when it has run for a while', () => {
  const looks = [
    ...everySecond('failed', 0, 100),
    ...everySecond('running', 100, 170),
    ...everySecond('failed', 170, 171),
  ];
  expect(stepsOf(looks).at(-1)).toEqual([170, 'restart']);
});

test('whatever is seen, there are never more restarts than the limit between two long runs', () => {
  const looks = fc.array(
    fc.tuple(fc.constantFrom<Seen>('running', 'failed', 'on the way'), fc.integer({ min: 1, max: 20_000 })),
  );
  fc.assert(
    fc.property(looks, (seen) => {
      let state = notFailed;
      let now = 0;
      for (const [what, laterMs] of seen) {
        now += laterMs;
        const next = nextHealStep(state, what, now, policy);
        expect(next.state.restarts).toBeLessThanOrEqual(policy.limit);
        if (next.step === 'restart') expect(now).toBeGreaterThanOrEqual(state.notBefore);
        ({ state } = next);
      }
    }),
  );
});
