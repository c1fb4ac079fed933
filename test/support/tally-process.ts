import { silentLog } from '../../src/platform/log.ts';
import { createPool } from '../../src/platform/postgres/pool.ts';
import { runTally, tallyConsumer } from './tally-consumer.ts';

/** The amount that no process survives, as it were an event that takes all memory. */
export const DEADLY = 666;

/** A tally consumer as a process of its own: `node tally-process.ts <database url> <topic prefix>`. */
if (import.meta.main) {
  const [, , connectionString = '', topicPrefix = ''] = process.argv;
  await runTally({
    consumer: tallyConsumer({
      name: 'tally',
      onHandle: ({ amount }) => {
        if (amount === DEADLY) process.kill(process.pid, 'SIGKILL');
      },
    }),
    pool: createPool({ connectionString, applicationName: 'tally', log: silentLog }),
    topicPrefix,
  });
}
