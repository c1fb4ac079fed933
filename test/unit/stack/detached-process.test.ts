import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { detachedProcess, lastLogLines } from '../../../scripts/stack/detached-process.ts';

describe('a detached process', () => {
  let folder: string;
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'detached-'));
  });
  afterEach(() => rmSync(folder, { recursive: true, force: true }));

  const part = (): ReturnType<typeof detachedProcess> =>
    detachedProcess({
      name: 'kafka',
      marker: `--marker=${folder}`,
      pidFile: join(folder, 'run', 'part.pid'),
      logFile: join(folder, 'logs', 'part.log'),
    });
  const launch = (script: string): Parameters<ReturnType<typeof part>['start']>[0] => ({
    command: process.execPath,
    args: ['-e', script, '--', `--marker=${folder}`],
    env: {},
    cwd: folder,
  });
  const healthy = (): Promise<boolean> => Promise.resolve(true);
  const notYet = (): Promise<boolean> => Promise.resolve(false);

  test('is known by its pid file until it is stopped', async () => {
    await part().start(launch('setInterval(() => {}, 1000)'), healthy, 5000);
    expect(part().pid()).toEqual(Number(readFileSync(join(folder, 'run', 'part.pid'), 'utf8')));
    await part().stop('SIGTERM', 5000);
    expect(part().pid()).toBeUndefined();
  });

  test('that does not heed the polite signal is killed', async () => {
    await part().start(launch('process.on("SIGTERM", () => {}); setInterval(() => {}, 1000)'), healthy, 5000);
    await part().stop('SIGTERM', 300);
    expect(part().pid()).toBeUndefined();
  });

  test('that dies while starting is reported with its last words', async () => {
    const start = part().start(launch('console.error("FATAL: no room"); process.exit(3)'), notYet, 5000);
    await expect(start).rejects.toMatchObject({
      message: 'kafka: died while starting (FATAL: no room)',
      lastLines: [expect.stringMatching(/^--- started/) as unknown, 'FATAL: no room'],
    });
  });

  test('whose program is missing is reported, not waited for', async () => {
    const start = part().start({ ...launch(''), command: join(folder, 'nothing') }, notYet, 5000);
    await expect(start).rejects.toMatchObject({
      message: expect.stringMatching(/^kafka: cannot be run: /) as unknown,
    });
  });

  test('that never becomes healthy is reported when its time is over', async () => {
    const start = part().start(launch('setInterval(() => {}, 1000)'), notYet, 300);
    await expect(start).rejects.toMatchObject({ message: 'kafka: did not become healthy within 0.3 s' });
    await part().stop('SIGKILL', 5000);
  });

  test('is not mistaken for another that got its pid, nor is that one killed', async () => {
    await part().start(launch('setInterval(() => {}, 1000)'), healthy, 5000);
    await part().stop('SIGTERM', 5000);
    writeFileSync(join(folder, 'run', 'part.pid'), `${process.pid}\n`);
    expect(part().pid()).toBeUndefined();
    await part().stop('SIGKILL', 5000); // would end this test run
  });
});

test('the last lines of a log are of its newest run, without stack frames', () => {
  const folder = mkdtempSync(join(tmpdir(), 'log-'));
  const file = join(folder, 'part.log');
  writeFileSync(file, '--- started 1\nold\n--- started 2\nnew\n\tat x.y(Z.java)\n\t... 12 more\nlast\n');
  expect(lastLogLines(file, 5)).toEqual(['--- started 2', 'new', 'last']);
  rmSync(folder, { recursive: true });
});
