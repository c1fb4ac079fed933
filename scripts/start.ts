/**
 * `npm start [-- --instances N]`: every service of the pipeline, its audit and its dashboard in this terminal, started
 * again when one ends, until Ctrl-C.
 */
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { services } from '../src/pipeline.ts';
import { describeError } from '../src/platform/errors.ts';
import { dashboardUrl, localEnv } from './local-env.ts';
import { readInstances } from './read-instances.ts';
import { assertPortFree } from './stack/port-owner.ts';
import { StackError } from './stack/stack-error.ts';
import { supervise } from './supervise.ts';
import type { Supervised } from './supervise.ts';

const checkout = fileURLToPath(new URL('../', import.meta.url));
const env = localEnv();
const say = (line: string): void => console.log(line);
const portVariable = (service: string): string => `${service.toUpperCase()}_PORT`;

const names = services.map(({ name }) => name);
const instances = readInstances(process.argv.slice(2), names);
if (typeof instances === 'string') {
  console.error(instances);
  process.exit(2);
}

// Otherwise a service would be started again and again beside a pipeline that runs already.
try {
  for (const name of [...names, 'audit', 'dashboard'])
    await assertPortFree(name, portVariable(name), Number.parseInt(env[portVariable(name)] ?? '', 10));
} catch (error) {
  console.error(`✗ ${error instanceof StackError ? error.describe() : describeError(error)}`);
  process.exit(1);
}

/** The first instance has the service's port; each other takes a free one, which its log names, so that it can be looked at too. */
function startService(name: string, number: number): Supervised {
  return supervise(
    {
      name: number === 1 ? `service ${name}` : `service ${name} ${number}`,
      args: [`${checkout}src/${name}/main.ts`],
      env: number === 1 ? env : { ...env, [portVariable(name)]: '0' },
      logFile: undefined,
    },
    say,
  );
}

const supervised = [...instances].flatMap(([name, count]) =>
  Array.from({ length: count }, (_, index) => startService(name, index + 1)),
);
// Tells in a line a minute whether every event has arrived; what is lost it names, `npx outbox audit --repair` says it again.
supervised.push(
  supervise(
    {
      name: 'audit',
      args: [
        `${checkout}src/cli/outbox.ts`,
        ...['audit', '--every', '1m', '--listen', env['AUDIT_PORT'] ?? ''],
      ],
      env,
      logFile: undefined,
    },
    say,
  ),
);
supervised.push(
  supervise({ name: 'dashboard', args: [`${checkout}src/dashboard/main.ts`], env, logFile: undefined }, say),
);
say(`Started ${names.join(', ')}, the audit and the dashboard. Ctrl-C stops them.`);
say(`  ${'dashboard'.padEnd(10)} ${dashboardUrl(env)} (its page is built first when it is stale)`);
for (const [name, count] of instances)
  say(
    `  ${name.padEnd(10)} http://127.0.0.1:${env[portVariable(name)] ?? ''}/openapi.json` +
      (count === 1 ? '' : `, and ${count - 1} more on free ports ("listening" in their log)`),
  );

await Promise.race([once(process, 'SIGINT'), once(process, 'SIGTERM')]);
say('Stopping.');
await Promise.all(supervised.map((service) => service.stop()));
