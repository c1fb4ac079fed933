import { execFile } from 'node:child_process';
import { promisify } from 'node:util';

test('no command prints a secret of its environment, whoever quotes it', async () => {
  const secret = 'planted-secret-of-a-role';
  const failed = await promisify(execFile)(
    process.execPath,
    ['src/cli/outbox.ts', 'schemas', 'check', '--dir', `./${secret}`],
    { env: { PATH: process.env['PATH'] ?? '', ORDERS_APP_PASSWORD: secret }, timeout: 60_000 },
  ).then(
    () => undefined,
    (error: unknown) => error as { stdout: string; stderr: string },
  );
  expect(failed?.stderr).toContain('/…');
  expect(`${failed?.stdout ?? ''}${failed?.stderr ?? ''}`).not.toContain(secret);
});
