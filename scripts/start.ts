/** `npm start`: every service of the pipeline in this terminal, started again when one ends, until Ctrl-C. */
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { services } from '../src/pipeline.ts';
import { supervise } from './supervise.ts';
import { localEnv } from './local-env.ts';

const checkout = fileURLToPath(new URL('../', import.meta.url));
const env = localEnv();
const say = (line: string): void => console.log(line);

const supervised = services.map(({ name }) =>
  supervise(
    { name: `service ${name}`, args: [`${checkout}src/${name}/main.ts`], env, logFile: undefined },
    say,
  ),
);
say(`Started ${services.map(({ name }) => name).join(', ')}. Ctrl-C stops them.`);
for (const { name } of services)
  say(`  ${name.padEnd(10)} http://127.0.0.1:${env[`${name.toUpperCase()}_PORT`] ?? ''}/openapi.json`);

await Promise.race([once(process, 'SIGINT'), once(process, 'SIGTERM')]);
say('Stopping.');
await Promise.all(supervised.map((service) => service.stop()));
