import { spawnSync } from 'node:child_process';
import { platform } from 'node:process';
import { withTimerSlack } from '../../../scripts/stack/timer-slack.ts';

const onLinux = platform === 'linux' ? test : test.skip;

describe('withTimerSlack', () => {
  const start = (
    command: string,
    ...args: string[]
  ): { readonly stdout: string; readonly status: number | null } => {
    const launch = withTimerSlack({ command, args, env: { PATH: '/usr/bin:/bin' }, cwd: '/' }, 1_000_000);
    return spawnSync(launch.command, launch.args, { env: launch.env, cwd: launch.cwd, encoding: 'utf8' });
  };

  onLinux('the program and what it starts may wait so much longer', () => {
    expect(start('cat', '/proc/self/timerslack_ns').stdout).toBe('1000000\n');
    expect(start('sh', '-c', 'cat /proc/self/timerslack_ns; true').stdout).toBe('1000000\n');
  });

  test('the program gets its arguments as they are, and ends as it ends', () => {
    const { stdout, status } = start('sh', '-c', 'echo "$1|$2"; exit 3', 'sh', 'a  b', "$HOME's");
    expect(stdout).toBe("a  b|$HOME's\n");
    expect(status).toBe(3);
  });
});
