import { setImmediate as nextTurn } from 'node:timers/promises';
import { GroupCommit } from '../../../src/platform/group-commit.ts';
import { waitUntil } from '../../../src/platform/wait-until.ts';
import type { GroupCommitOptions } from '../../../src/platform/group-commit.ts';

interface Call {
  readonly items: readonly string[];
  readonly end: (error?: Error) => void;
}

function startCommits(options: Partial<GroupCommitOptions<string, string>> = {}) {
  const calls: Call[] = [];
  const commits = new GroupCommit<string, string>({
    commit: async (items) => {
      const { promise, resolve, reject } = Promise.withResolvers<undefined>();
      calls.push({ items, end: (error) => (error === undefined ? resolve(undefined) : reject(error)) });
      await promise;
      return items.map((item) => `${item} done`);
    },
    concurrency: 1,
    maxWeight: 100,
    patienceMs: 10_000,
    maxConcurrency: 2,
    mayBeOneItems: () => false,
    ...options,
  });
  return {
    commits,
    calls,
    seen: () => calls.map(({ items }) => items.join(' ')),
    end: async (index: number, error?: Error): Promise<void> => {
      calls[index]?.end(error);
      await nextTurn();
      await nextTurn();
    },
  };
}

describe('GroupCommit', () => {
  test('puts together what comes in one turn, and what comes while a group is under way', async () => {
    const { commits, seen, end } = startCommits();
    const first = [commits.submit('a'), commits.submit('b')];
    await nextTurn();
    const second = [commits.submit('c'), commits.submit('d')];
    await nextTurn();
    expect(seen()).toEqual(['a b']);
    await end(0);
    expect(await Promise.all(first)).toEqual(['a done', 'b done']);
    expect(seen()).toEqual(['a b', 'c d']);
    await end(1);
    expect(await Promise.all(second)).toEqual(['c done', 'd done']);
  });

  test('has as many groups under way as it may', async () => {
    const { commits, seen, end } = startCommits({ concurrency: 2 });
    for (const item of ['a', 'b', 'c', 'd']) {
      void commits.submit(item);
      await nextTurn();
    }
    expect(seen()).toEqual(['a', 'b']);
    await end(1);
    expect(seen()).toEqual(['a', 'b', 'c d']);
  });

  test('keeps a group below the greatest weight, and lets a heavier item go by itself', async () => {
    const { commits, seen, end } = startCommits({ maxWeight: 3, weightOf: (item) => item.length });
    for (const item of ['a', 'bb', 'c', 'dddddd', 'e']) void commits.submit(item);
    await nextTurn();
    await end(0);
    await end(1);
    await end(2);
    expect(seen()).toEqual(['a bb', 'c', 'dddddd', 'e']);
  });

  test('puts nothing together with an item that goes alone', async () => {
    const { commits, seen, end } = startCommits({ goesAlone: (item) => item === 'x' });
    for (const item of ['a', 'x', 'b', 'c']) void commits.submit(item);
    await nextTurn();
    await end(0);
    await end(1);
    expect(seen()).toEqual(['a', 'x', 'b c']);
  });

  test('tries each by itself when one may have spoilt it for the others, before what came later', async () => {
    const { commits, seen, end } = startCommits({ mayBeOneItems: () => true });
    const results = Promise.allSettled(['a', 'b'].map((item) => commits.submit(item)));
    await nextTurn();
    void commits.submit('c');
    await end(0, new Error('one of them'));
    expect(seen()).toEqual(['a b', 'a']);
    await end(1, new Error('it was a'));
    await end(2);
    expect(seen()).toEqual(['a b', 'a', 'b', 'c']);
    expect(await results).toMatchObject([
      { status: 'rejected', reason: { message: 'it was a' } },
      { status: 'fulfilled', value: 'b done' },
    ]);
  });

  test('has one group more under way than usual when the first in the queue has lost its patience', async () => {
    const { commits, seen, calls, end } = startCommits({ patienceMs: 20 });
    void commits.submit('a');
    await nextTurn();
    void commits.submit('b');
    void commits.submit('c');
    await nextTurn();
    expect(seen()).toEqual(['a']);
    await waitUntil(() => calls.length === 2, { timeoutMs: 2_000, what: 'a second group' });
    void commits.submit('d');
    const third = waitUntil(() => calls.length === 3, { timeoutMs: 60, what: 'a third group' });
    await expect(third).rejects.toThrow('a third group');
    expect(seen()).toEqual(['a', 'b c']);
    await end(0);
  });

  test('takes back what waits when it is told to, and nothing that is under way', async () => {
    const { commits, seen, end } = startCommits();
    const giveUp = new AbortController();
    const first = commits.submit('a', giveUp.signal);
    await nextTurn();
    const second = commits.submit('b', giveUp.signal);
    giveUp.abort(new Error('stopping'));
    await expect(second).rejects.toThrow('stopping');
    await expect(commits.submit('c', giveUp.signal)).rejects.toThrow('stopping');
    await end(0);
    expect(await first).toBe('a done');
    expect(seen()).toEqual(['a']);
  });

  test('tells who waited too long, and is still there for who comes then', async () => {
    const { commits, seen, end } = startCommits({
      ...{ patienceMs: 10, maxConcurrency: 1 },
      tooLate: { afterMs: 30, error: () => new Error('too late') },
    });
    void commits.submit('a');
    await nextTurn();
    await expect(commits.submit('b')).rejects.toThrow('too late');
    const later = commits.submit('c');
    await end(0);
    await end(1);
    expect(await later).toBe('c done');
    expect(seen()).toEqual(['a', 'c']);
  });

  test('tells each of a failure that is nobody\u2019s own, and goes on', async () => {
    const { commits, seen, end } = startCommits();
    const results = Promise.allSettled(['a', 'b'].map((item) => commits.submit(item)));
    await nextTurn();
    const later = commits.submit('c');
    await end(0, new Error('away'));
    expect(await results).toMatchObject([
      { status: 'rejected', reason: { message: 'away' } },
      { status: 'rejected', reason: { message: 'away' } },
    ]);
    await end(1);
    expect(await later).toBe('c done');
    expect(seen()).toEqual(['a b', 'c']);
  });
});
