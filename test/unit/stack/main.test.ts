import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { parseArguments } from '../../../scripts/stack/parse-arguments.ts';

const main = fileURLToPath(new URL('../../../scripts/stack/main.ts', import.meta.url));

describe('npm run stack', () => {
  test.each([
    ['up', { command: 'up', part: undefined }],
    ['up kafka', { command: 'up', part: 'kafka' }],
    ['down --wipe', { command: 'down', part: undefined }],
    ['logs connect -f -n 50', { command: 'logs', part: 'connect', lines: 50 }],
    ['status', { command: 'status' }],
  ])('understands "%s"', (words, expected) => {
    expect(parseArguments(words.split(' '))).toMatchObject(expected);
  });

  test.each([
    '',
    'start',
    'up oracle',
    'up --force',
    'status kafka',
    'down kafka --wipe',
    'logs -n none',
    'up -n 3',
  ])('does not understand "%s"', (words) => {
    expect(parseArguments(words.split(' '))).toBeUndefined();
  });

  test('prints its usage and exits with 2 for an unknown command', () => {
    const result = spawnSync(process.execPath, [main, 'start'], { encoding: 'utf8' });
    expect(result.status).toBe(2);
    expect(result.stderr).toContain('Usage: npm run stack -- <command>');
  });

  test('names the part and the variable in one sentence when a port is not a number', () => {
    const env = { ...process.env, POSTGRES_PORT: 'abc' };
    const result = spawnSync(process.execPath, [main, 'status'], { encoding: 'utf8', env });
    expect(result.status).toBe(1);
    expect(result.stderr).toBe(
      'postgres: POSTGRES_PORT is "abc", not a port. Set it to a number from 1 to 65535.\n',
    );
  });
});
