import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { lastWords, supervise } from '../../../scripts/supervise.ts';
import type { Supervised } from '../../../scripts/supervise.ts';
import { waitUntil } from '../../../src/platform/wait-until.ts';

describe('supervise', () => {
  let folder: string;
  let supervised: Supervised | undefined;
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'supervise-'));
  });
  afterEach(async () => {
    await supervised?.stop();
    rmSync(folder, { recursive: true });
  });
  const start = (program: string, said: string[]): Supervised => {
    const logFile = join(folder, 'logs', 'service.log');
    supervised = supervise({ name: 'service x', args: ['-e', program], env: {}, logFile }, (line) =>
      said.push(line),
    );
    return supervised;
  };

  test('starts a killed process again and says so', async () => {
    const said: string[] = [];
    const service = start('console.log("up"); setInterval(() => undefined, 1000)', said);
    const first = await waitUntil(() => service.pid(), { timeoutMs: 5_000, what: 'a pid' });
    process.kill(first, 'SIGKILL');
    await waitUntil(
      () => service.restarts() === 1 && service.pid() !== first && service.pid() !== undefined,
      {
        timeoutMs: 5_000,
        what: 'a second life',
      },
    );
    expect(said).toEqual(['service x was killed (SIGKILL); starting it again in 0.25 s']);
  });

  test('stops for good, and its words are in its log', async () => {
    const said: string[] = [];
    const service = start(
      'console.log(JSON.stringify({ msg: "up" })); setInterval(() => undefined, 1000)',
      said,
    );
    await waitUntil(() => lastWords(service.logFile ?? '') === 'up', {
      timeoutMs: 5_000,
      what: 'its first words',
    });
    await service.stop();
    expect(service.pid()).toBeUndefined();
    expect(said).toEqual([]);
  });

  test('a process that always ends at once is started with growing pauses', async () => {
    const said: string[] = [];
    const service = start('process.exit(3)', said);
    await waitUntil(() => said.length >= 2, { timeoutMs: 5_000, what: 'a second end' });
    await service.stop();
    expect(said.slice(0, 2)).toEqual([
      'service x exited with code 3; starting it again in 0.25 s',
      'service x exited with code 3; starting it again in 0.75 s',
    ]);
  });
});
