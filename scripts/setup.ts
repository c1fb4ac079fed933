/** `npm run setup`: databases, topics and schemas, as declared. Every step can be run again and changes nothing then. */
import { describeError } from '../src/platform/errors.ts';
import { createLog } from '../src/platform/log.ts';
import { localEnv } from './local-env.ts';
import { setUpDatabases, setUpSchemas, setUpTopics } from './set-up-pipeline.ts';

const env = localEnv();
const log = createLog({ name: 'setup', env, level: 'warn' });

for (const [what, step] of [
  ['databases', setUpDatabases],
  ['topics', setUpTopics],
  ['schemas', setUpSchemas],
] as const) {
  try {
    await step(env, log);
    console.log(`${what}: as declared`);
  } catch (error) {
    console.error(`${what}: ${describeError(error)}`);
    process.exit(1);
  }
}
