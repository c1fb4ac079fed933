import { existsSync, readdirSync, rmSync } from 'node:fs';
import { checkout, createStack } from '../../scripts/stack/stack.ts';
import { freePorts } from '../../scripts/stack/free-ports.ts';
import { missingJars } from '../../scripts/stack/jars.ts';
import { ensureJava } from '../../scripts/stack/ensure-java.ts';
import { derivedAddresses, localEnv } from '../../scripts/local-env.ts';
import { setUpDatabases, setUpSchemas } from '../../scripts/set-up-pipeline.ts';
import { silentLog } from '../../src/platform/log.ts';

/**
 * One real stack for all tests that need it, in its own folder and on free ports, so that neither a running demo nor
 * another test run is touched. Its databases `orders`, `inventory` and `sales` are fully set up and used as templates:
 * no test connects to them.
 */
export default async function globalSetup(): Promise<void> {
  const local = { ...localEnv(), ...(await freePorts()) };
  const env = {
    ...local,
    ...derivedAddresses(local),
    TOPIC_PREFIX: '',
    REPLICATION_FACTOR: '1',
    // Tests count the rows of outboxes; those about probes switch them on.
    PROBE_EVERY_MS: '0',
  };
  const needsMaven = missingJars(`${checkout}.stack/jars`).length > 0;
  await ensureJava({
    env,
    yes: process.env['CI'] === 'true',
    needsMaven,
    log: (line) => console.log(line),
  });
  await removeAbandonedStacks(env);
  const root = `.stack/test-${process.pid}`;
  // Test processes start after this and inherit it (test-stack.ts).
  process.env['TEST_STACK_ENV'] = JSON.stringify({ ...env, TEST_STACK_ROOT: root });
  const stack = createStack({ root, env });
  try {
    await stack.up();
    await setUpDatabases(env, silentLog);
    await setUpSchemas(env, silentLog);
  } catch (error) {
    // Jest runs no tear-down after a set-up that failed.
    await stack.down({ wipe: true });
    throw error;
  }
}

/** A test run that was killed leaves its stack running; its folder tells whose it was. */
async function removeAbandonedStacks(env: Record<string, string>): Promise<void> {
  const folder = `${checkout}.stack`;
  const names = existsSync(folder) ? readdirSync(folder) : [];
  for (const name of names) {
    const owner = /^test-(\d+)$/.exec(name)?.[1];
    if (owner === undefined || isAlive(Number(owner))) continue;
    await createStack({ root: `.stack/${name}`, env }).down({ wipe: true });
    rmSync(`${folder}/${name}`, { recursive: true, force: true });
  }
}

function isAlive(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch {
    return false;
  }
}
