/** `npm start`: every service of the pipeline and its audit in this terminal, started again when one ends, until Ctrl-C. */
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { services } from '../src/pipeline.ts';
import { describeError } from '../src/platform/errors.ts';
import { localEnv } from './local-env.ts';
import { assertPortFree } from './stack/port-owner.ts';
import { StackError } from './stack/stack-error.ts';
import { supervise } from './supervise.ts';

const checkout = fileURLToPath(new URL('../', import.meta.url));
const env = localEnv();
const say = (line: string): void => console.log(line);

// Otherwise a service would be started again and again beside a pipeline that runs already.
try {
  for (const { name } of services) {
    const variable = `${name.toUpperCase()}_PORT`;
    await assertPortFree(name, variable, Number.parseInt(env[variable] ?? '', 10));
  }
} catch (error) {
  console.error(`✗ ${error instanceof StackError ? error.describe() : describeError(error)}`);
  process.exit(1);
}

const supervised = services.map(({ name }) =>
  supervise(
    { name: `service ${name}`, args: [`${checkout}src/${name}/main.ts`], env, logFile: undefined },
    say,
  ),
);
// Tells in a line a minute whether every event has arrived; what is lost it names, `npx outbox audit --repair` says it again.
supervised.push(
  supervise(
    {
      name: 'audit',
      args: [`${checkout}src/cli/outbox.ts`, 'audit', '--every', '1m'],
      env,
      logFile: undefined,
    },
    say,
  ),
);
say(`Started ${services.map(({ name }) => name).join(', ')} and the audit. Ctrl-C stops them.`);
for (const { name } of services)
  say(`  ${name.padEnd(10)} http://127.0.0.1:${env[`${name.toUpperCase()}_PORT`] ?? ''}/openapi.json`);

await Promise.race([once(process, 'SIGINT'), once(process, 'SIGTERM')]);
say('Stopping.');
await Promise.all(supervised.map((service) => service.stop()));
