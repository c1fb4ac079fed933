import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { withLock } from '../../../scripts/stack/with-lock.ts';

describe('a lock file', () => {
  let folder: string;
  let file: string;
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'lock-'));
    file = join(folder, 'up.lock');
  });
  afterEach(() => rmSync(folder, { recursive: true, force: true }));

  test('lets one in at a time, and tells the other that it waits', async () => {
    const order: string[] = [];
    const first = withLock(file, mustNotWait, async () => {
      order.push('first begins');
      await new Promise((resolve) => setTimeout(resolve, 50));
      order.push('first ends');
    });
    const second = withLock(
      file,
      () => order.push('second waits'),
      () => Promise.resolve(void order.push('second')),
    );
    await Promise.all([first, second]);
    expect(order).toEqual(['first begins', 'second waits', 'first ends', 'second']);
    expect(existsSync(file)).toBe(false);
  });

  test('of a process that died is taken over without a word', async () => {
    writeFileSync(file, '4194305');
    let ran = false;
    await withLock(file, mustNotWait, () => Promise.resolve(void (ran = true)));
    expect(ran).toBe(true);
  });

  test('is released when the work fails', async () => {
    await expect(withLock(file, mustNotWait, () => Promise.reject(new Error('no')))).rejects.toThrow('no');
    expect(existsSync(file)).toBe(false);
  });
});

function mustNotWait(): void {
  throw new Error('must not wait');
}
