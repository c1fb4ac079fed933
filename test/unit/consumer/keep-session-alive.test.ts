import { jest } from '@jest/globals';
import { keepSessionAlive } from '../../../src/consumer/keep-session-alive.ts';

beforeEach(() => jest.useFakeTimers());
afterEach(() => jest.useRealTimers());

describe('keepSessionAlive', () => {
  test('asks for a heartbeat every second while work goes on, and not after it', async () => {
    const heartbeat = jest.fn(() => Promise.resolve());
    const work = Promise.withResolvers<undefined>();
    const done = keepSessionAlive(heartbeat, () => work.promise);
    await jest.advanceTimersByTimeAsync(3_500);
    expect(heartbeat).toHaveBeenCalledTimes(3);
    work.resolve(undefined);
    await done;
    await jest.advanceTimersByTimeAsync(5_000);
    expect(heartbeat).toHaveBeenCalledTimes(3);
  });

  test("lets work end, then throws the failed heartbeat's error on, for kafkajs to join again", async () => {
    const rebalancing = new Error('REBALANCE_IN_PROGRESS');
    let ended = false;
    const done = keepSessionAlive(
      () => Promise.reject(rebalancing),
      async (lost) => {
        await new Promise((resolve) => lost.addEventListener('abort', resolve));
        ended = true;
      },
    );
    const outcome = expect(done).rejects.toBe(rebalancing);
    await jest.advanceTimersByTimeAsync(1_000);
    await outcome;
    expect(ended).toBe(true);
  });
});
