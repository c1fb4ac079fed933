import { existsSync, readdirSync, rmSync } from 'node:fs';
import { derivedAddresses, localEnv } from '../../scripts/local-env.ts';
import { setUpDatabases, setUpSchemas } from '../../scripts/set-up-pipeline.ts';
import { ensureJava } from '../../scripts/stack/ensure-java.ts';
import { freePorts } from '../../scripts/stack/free-ports.ts';
import { missingJars } from '../../scripts/stack/jars.ts';
import { StackError } from '../../scripts/stack/stack-error.ts';
import { checkout, createStack, type Stack } from '../../scripts/stack/stack.ts';
import { silentLog } from '../../src/platform/log.ts';
import { createPool } from '../../src/platform/postgres/pool.ts';
import { takeDisksAway } from './own-disk.ts';
import { stackValue, testStack, useTestStack } from './test-stack.ts';

export type StackKind = 'test' | 'bench' | 'chaos' | 'brokers';

/**
 * One real stack of this process, in its own folder and on free ports, so that neither a running demo nor another run is
 * touched. Its databases `orders`, `inventory` and `sales` are fully set up and used as templates: nobody connects to them.
 * This process and those it starts find it through test-stack.ts.
 * @param more over what follows from .env and the free ports
 */
export async function startOwnStack(
  kind: StackKind,
  more: Readonly<Record<string, string>> = {},
): Promise<void> {
  const local = { ...localEnv(), ...(await freePorts()), ...more };
  const env = {
    ...local,
    ...derivedAddresses(local),
    TOPIC_PREFIX: '',
    REPLICATION_FACTOR: '1',
    // Tests count the rows of outboxes; those about probes switch them on.
    PROBE_EVERY_MS: '0',
    ...more,
  };
  const needsMaven = missingJars(`${checkout}.stack/jars`).length > 0;
  await ensureJava({
    env,
    yes: process.env['CI'] === 'true',
    needsMaven,
    log: (line) => console.log(line),
  });
  await removeAbandonedStacks(kind, env);
  useTestStack({ root: `.stack/${kind}-${process.pid}`, env });
  try {
    await testStack().up();
    await setUpDatabases(env, silentLog);
    await setUpSchemas(env, silentLog);
    await closeTemplates();
  } catch (error) {
    // Jest runs no tear-down after a set-up that failed.
    await stopOwnStack();
    // The log that tells more is gone by now.
    if (error instanceof StackError) console.error(error.describe());
    throw error;
  }
}

/** Postgres copies no database that somebody is connected to, so nobody can be. */
async function closeTemplates(): Promise<void> {
  const admin = createPool({
    connectionString: stackValue('POSTGRES_ADMIN_URL'),
    applicationName: 'test',
    log: silentLog,
    max: 1,
  });
  for (const database of ['orders', 'inventory', 'sales'])
    await admin.query({ text: `alter database ${database} allow_connections false` });
  await admin.end();
}

export async function stopOwnStack(): Promise<void> {
  await removeStack(testStack(), `${checkout}${stackValue('TEST_STACK_ROOT')}`);
}

async function removeStack(stack: Stack, folder: string): Promise<void> {
  await stack.down();
  takeDisksAway(folder);
  await stack.down({ wipe: true });
  rmSync(folder, { recursive: true, force: true });
}

/** A run that was killed leaves its stack running; its folder tells whose it was. */
async function removeAbandonedStacks(kind: StackKind, env: Record<string, string>): Promise<void> {
  const folder = `${checkout}.stack`;
  const names = existsSync(folder) ? readdirSync(folder) : [];
  for (const name of names) {
    const owner = name.startsWith(`${kind}-`) ? name.slice(kind.length + 1) : '';
    if (!/^\d+$/.test(owner) || isAlive(Number(owner))) continue;
    await removeStack(createStack({ root: `.stack/${name}`, env }), `${folder}/${name}`);
  }
}

function isAlive(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch {
    return false;
  }
}
