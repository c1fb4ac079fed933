/**
 * `npm run audit:packages`: known holes, high or critical, in what the product depends on. Exit codes are those of the commands: 0 none,
 * 1 some, 3 the registry does not answer the question (not every one does), so nothing was checked.
 */
import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { judgeAudit } from './judge-audit.ts';

const { stdout } = spawnSync('npm', ['audit', '--omit=dev', '--json', '--fetch-retries=1'], {
  cwd: fileURLToPath(new URL('..', import.meta.url)),
  encoding: 'utf8',
  stdio: ['ignore', 'pipe', 'ignore'],
  timeout: 120_000,
});
const { kind, line } = judgeAudit(stdout);
console.log(line);
process.exitCode = kind === 'clean' ? 0 : kind === 'not-checked' ? 3 : 1;
