import { createStack } from '../../scripts/stack/stack.ts';
import { freePorts } from '../../scripts/stack/free-ports.ts';
import { ensureJava } from '../../scripts/stack/ensure-java.ts';
import { derivedAddresses, localEnv } from '../../scripts/local-env.ts';
import { setUpDatabases, setUpSchemas } from '../../scripts/set-up-pipeline.ts';
import { silentLog } from '../../src/platform/log.ts';

/**
 * One real stack for all tests that need it, in its own folder and on free ports, so that a running demo is not touched.
 * Its databases `orders`, `inventory` and `sales` are fully set up and used as templates: no test connects to them.
 */
export default async function globalSetup(): Promise<void> {
  const local = { ...localEnv(), ...(await freePorts()) };
  const env = { ...local, ...derivedAddresses(local), TOPIC_PREFIX: '', REPLICATION_FACTOR: '1' };
  await ensureJava({
    env,
    yes: process.env['CI'] === 'true',
    needsMaven: false,
    log: (line) => console.log(line),
  });
  const stack = createStack({ root: '.stack/test', env });
  // What a killed run left behind would have other ports and old schemas.
  await stack.down({ wipe: true });
  await stack.up();
  await setUpDatabases(env, silentLog);
  await setUpSchemas(env, silentLog);
  // Test processes start after this and inherit it (test-stack.ts).
  process.env['TEST_STACK_ENV'] = JSON.stringify(env);
}
