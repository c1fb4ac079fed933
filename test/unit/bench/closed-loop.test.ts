import { setTimeout as delay } from 'node:timers/promises';
import { runClosedLoop } from '../../bench/closed-loop.ts';

const going = (): AbortSignal => new AbortController().signal;

test('each client does one thing at a time, until time is up; what had begun is done and counted', async () => {
  let [underWay, most, finished] = [0, 0, 0];
  const { done, seconds } = await runClosedLoop({ clients: 3, seconds: 0.1, stopping: going() }, async () => {
    underWay += 1;
    most = Math.max(most, underWay);
    await delay(20);
    underWay -= 1;
    finished += 1;
  });
  expect(most).toBe(3);
  expect(underWay).toBe(0);
  expect(done).toBe(finished);
  expect(done % 3).toBe(0);
  expect(seconds).toBeGreaterThanOrEqual(0.1);
});

test('ends with the first failure, when all clients have ended', async () => {
  let [begun, underWay] = [0, 0];
  const loop = runClosedLoop({ clients: 2, seconds: 60, stopping: going() }, async () => {
    begun += 1;
    underWay += 1;
    const isBad = begun === 4;
    await delay(isBad ? 1 : 10);
    underWay -= 1;
    if (isBad) throw new Error('the fourth');
  });
  await expect(loop).rejects.toThrow('the fourth');
  expect(underWay).toBe(0);
});

test('ends when it is told to stop, with the reason', async () => {
  const stopping = new AbortController();
  const loop = runClosedLoop({ clients: 1, seconds: 60, stopping: stopping.signal }, () => delay(1));
  stopping.abort(new Error('enough'));
  await expect(loop).rejects.toThrow('enough');
});
