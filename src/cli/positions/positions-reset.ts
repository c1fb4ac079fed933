import { Command } from 'commander';
import { resetPositions } from '../../consumer/positions.ts';
import { readLogBounds } from '../../consumer/read-aligned-positions.ts';
import { services } from '../../pipeline.ts';
import { PipelineError } from '../../platform/errors.ts';
import { createKafka } from '../../platform/kafka/kafka-client.ts';
import { createPool } from '../../platform/postgres/pool.ts';
import type { Queryable } from '../../platform/postgres/statement.ts';
import { requiredValue } from '../../platform/required-value.ts';
import { isConfirmed } from '../ask.ts';
import type { CommandContext } from '../run-command.ts';

interface Options {
  readonly consumer: string;
  readonly yes?: true;
  readonly json?: true;
}

const HELP = `
For a consumer that stopped with position_outside_log: its topic was deleted and made again, or retention removed what it had not read. It
reads the topic from the first record that is left; what it has applied it knows and does not apply again, and a key with an event missing is
held until that comes. Afterwards let the events that are in no log any more be said again from the outbox:
  npx outbox topics apply
  npx outbox positions reset --consumer inventory
  npx outbox audit --repair

Exit codes: 0 reset, 1 not confirmed, 2 wrong usage, 3 database or Kafka can not be reached.`;

/** `outbox positions reset` */
export function positionsResetCommand(context: CommandContext): Command {
  return new Command('reset')
    .description('let a consumer read its topic from the first record that is left')
    .requiredOption('--consumer <name>', 'whose positions; its service may run')
    .option('--yes', 'do not ask')
    .option('--json', 'print one line of JSON')
    .addHelpText('after', HELP)
    .action((options: Options) => positionsReset(context, options));
}

async function positionsReset(context: CommandContext, options: Options): Promise<void> {
  const { env, log } = context;
  const { consumer } = options;
  const service = services.find((one) => one.consumer === consumer);
  if (service === undefined)
    throw new PipelineError('usage_invalid', `There is no consumer ${consumer}.`, {
      remedy: `Known are: ${services.map((one) => one.consumer).join(', ')}.`,
    });
  const connectionString = requiredValue(env, `${service.name.toUpperCase()}_OWNER_DATABASE_URL`);
  const brokers = requiredValue(env, 'KAFKA_BROKERS').split(',');
  const asked = { yes: options.yes === true, json: options.json === true };
  const question = `Really let ${consumer} read its topic from the first record that is left?`;
  if (!(await isConfirmed(question, asked))) {
    context.answerNo();
    return;
  }
  const kafka = createKafka({ brokers, clientId: 'outbox-positions', log });
  const db = createPool({ connectionString, applicationName: 'outbox-positions', log, max: 1 });
  try {
    for (const topic of await topicsOf(db, consumer)) {
      const bounds = await readLogBounds(kafka, (env['TOPIC_PREFIX'] ?? '') + topic);
      const logStarts = new Map([...bounds].map(([partition, { start }]) => [partition, start]));
      const was = await resetPositions(db, { consumer, topic, logStarts });
      for (const line of resetLines({ consumer, topic, logStarts, was }, asked)) console.log(line);
    }
  } finally {
    await db.end();
  }
}

/** It has no positions, and so none to reset, before it has run once. */
async function topicsOf(db: Queryable, consumer: string): Promise<string[]> {
  const { rows } = await db.query<{ topic: string }>({
    name: 'read_topics_of_positions',
    text: 'select distinct topic from pipeline.consumer_positions where consumer = $1 order by topic',
    values: [consumer],
  });
  return rows.map(({ topic }) => topic);
}

function resetLines(
  done: {
    consumer: string;
    topic: string;
    logStarts: ReadonlyMap<number, number>;
    was: ReadonlyMap<number, number>;
  },
  { json }: { json: boolean },
): string[] {
  const { consumer, topic, logStarts, was } = done;
  const partitions = [...was]
    .sort(([a], [b]) => a - b)
    .map(([partition, from]) => ({ partition, was: from, is: logStarts.get(partition) }));
  if (json) return [JSON.stringify({ consumer, topic, partitions })];
  return [
    ...partitions.map((one) => `${consumer}: ${topic} ${one.partition} was at ${one.was}, is at ${one.is}.`),
    'What is in no log any more: npx outbox audit --repair says it again.',
  ];
}
