import { SettlementWatch } from '../../../src/orders/settlement-watch.ts';

const never = new AbortController().signal;

describe('waiting for an order to be settled', () => {
  test('ends when a look finds it, one query for all that wait', async () => {
    const asked: string[][] = [];
    const settled: string[] = [];
    const watch = new SettlementWatch({
      findSettled: (ids) => {
        asked.push([...ids]);
        return Promise.resolve([...settled]);
      },
      everyMs: 60_000,
    });
    const waits = ['a', 'b', 'b'].map((id) => watch.wait(id, 60_000, never));
    settled.push('a', 'b');
    watch.lookNow();
    expect(await Promise.all(waits)).toEqual([true, true, true]);
    expect(asked.at(-1)).toEqual(['a', 'b']);
    expect(asked.length).toBeLessThanOrEqual(3);
  });

  test('ends by the poll when another process settles it', async () => {
    let looks = 0;
    const watch = new SettlementWatch({
      findSettled: () => Promise.resolve(++looks > 2 ? ['a'] : []),
      everyMs: 2,
    });
    expect(await watch.wait('a', 60_000, never)).toBe(true);
  });

  test('goes on after a look that fails', async () => {
    let looks = 0;
    const watch = new SettlementWatch({
      findSettled: () => (++looks === 1 ? Promise.reject(new Error('away')) : Promise.resolve(['a'])),
      everyMs: 2,
    });
    expect(await watch.wait('a', 60_000, never)).toBe(true);
  });

  test('ends with false at the time-out, and nothing runs after', async () => {
    let looks = 0;
    const watch = new SettlementWatch({ findSettled: () => Promise.resolve((looks++, [])), everyMs: 1 });
    expect(await watch.wait('a', 5, never)).toBe(false);
    const after = looks;
    watch.lookNow();
    expect(looks).toBe(after);
  });

  test('ends with false when the client has gone', async () => {
    const client = new AbortController();
    const watch = new SettlementWatch({ findSettled: () => Promise.resolve([]), everyMs: 60_000 });
    const waiting = watch.wait('a', 60_000, client.signal);
    client.abort();
    expect(await waiting).toBe(false);
    expect(await watch.wait('a', 60_000, client.signal)).toBe(false);
  });
});
