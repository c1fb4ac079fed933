import { backOff } from '../../../src/consumer/back-off.ts';
import { retryWhileTransient } from '../../../src/consumer/retry-while-transient.ts';
import { silentLog } from '../../../src/platform/log.ts';

const deadlock = Object.assign(new Error('deadlock detected'), { code: '40P01' });

function failing(times: number) {
  let calls = 0;
  return () => {
    calls += 1;
    return calls <= times ? Promise.reject(deadlock) : Promise.resolve(calls);
  };
}

function options(signal = new AbortController().signal) {
  const waited: number[] = [];
  const pause = (ms: number): Promise<void> => {
    waited.push(ms);
    return Promise.resolve();
  };
  return { waited, all: { signal, log: silentLog, what: 'test', random: () => 1, pause, now: () => 0 } };
}

describe('backOff', () => {
  test('doubles up to five seconds, with jitter between half and all of it', () => {
    expect([1, 2, 3, 7, 8, 50].map((attempt) => backOff(attempt, 1))).toEqual([
      100, 200, 400, 5000, 5000, 5000,
    ]);
    expect(backOff(3, 0)).toBe(200);
  });
});

describe('retryWhileTransient', () => {
  test('tries until it works, waiting longer each time', async () => {
    const { waited, all } = options();
    await expect(retryWhileTransient(failing(4), all)).resolves.toBe(5);
    expect(waited).toEqual([100, 200, 400, 800]);
  });

  test('starts its count anew after work that went well for a while', async () => {
    const { waited, all } = options();
    let time = 0;
    const work = failing(3);
    const steady = () => {
      time += 60_000;
      return work();
    };
    await retryWhileTransient(steady, { ...all, now: () => time });
    expect(waited).toEqual([100, 100, 100]);
  });

  test('throws at once what trying again can not cure', async () => {
    const { waited, all } = options();
    const bug = new TypeError('bug');
    await expect(retryWhileTransient(() => Promise.reject(bug), all)).rejects.toBe(bug);
    expect(waited).toEqual([]);
  });

  test('ends with the reason of the signal while it waits', async () => {
    const stop = new AbortController();
    const { all } = options(stop.signal);
    const reason = new Error('session is over');
    const pause = (): Promise<void> => {
      stop.abort(reason);
      return Promise.resolve();
    };
    await expect(retryWhileTransient(failing(9), { ...all, pause })).rejects.toBe(reason);
  });
});
