import { InvalidArgumentError, Command } from 'commander';
import { styleText } from 'node:util';
import { eventTopics } from '../../contracts/catalogue.ts';
import { createGenericDecoder, type GenericDecoder } from '../../events/generic-decoder.ts';
import { recordJson, recordLines, type Paint, type ReadValue } from './describe-record.ts';
import { isAbout, mayMatch, parseStart, topicsInKafka, type RecordFilter } from './select-records.ts';
import { readRegistryAccess } from '../../events/registry-access.ts';
import { describeError, PipelineError } from '../../platform/errors.ts';
import { followTopics, type StartAt, type TopicRecord } from '../../platform/kafka/follow-topics.ts';
import { readKafkaAccess } from '../../platform/kafka/kafka-access.ts';
import { createKafka, type Kafka } from '../../platform/kafka/kafka-client.ts';
import { listTopics } from '../../platform/kafka/list-topics.ts';
import { parseDuration } from '../duration-option.ts';
import { interruption } from '../interruption.ts';
import { countOption } from '../count-option.ts';
import type { CommandContext } from '../run-command.ts';

interface Options {
  readonly type?: readonly string[];
  readonly key?: string;
  readonly order?: string;
  readonly from: StartAt;
  readonly limit?: number;
  readonly json?: true;
}

const HELP = `
Each event is decoded with the schema that it was written with, so also types that this build does not know are shown.
Times are ISO 8601 in UTC, bytes hex (0x…). What can't be decoded is shown as hex, with the reason.
It reads as a reader of its own: no consumer notices, nothing is committed.
An offset counts in each partition of each topic: --from 100 shows what each of them has from its own offset 100 on.

Examples:
  npx outbox events tail
  npx outbox events tail orders.events --type OrderPlaced,OrderCancelled --from 10m
  npx outbox events tail --order 0190b3a0-0000-7000-8000-00000000abcd --from beginning
  npx outbox events tail orders.events --from beginning --limit 5 --json | jq .payload

Exit codes: 0 ended by Ctrl-C or --limit, 1 a topic does not exist, 2 wrong usage, 3 Kafka can not be reached.`;

/** `outbox events tail` */
export function eventsTailCommand(context: CommandContext): Command {
  return new Command('tail')
    .description('show events as they come, until Ctrl-C')
    .argument(
      '[topics...]',
      `topics, with or without TOPIC_PREFIX (default: ${eventTopics.map(({ name }) => name).join(', ')})`,
    )
    .option('--type <names>', 'only these event types, separated by commas', (text) =>
      text.split(',').map((name) => name.trim()),
    )
    .option('--key <key>', 'only events of this key')
    .option('--order <id>', 'only events about this order: aggregate id, or a field orderId')
    .option(
      '--from <place>',
      'beginning, end, how long ago (10m), a time (2026-11-25T10:00Z) or an offset in each partition',
      fromOption,
      'end',
    )
    .option('--limit <n>', 'end after so many events', countOption)
    .option('--json', 'print one JSON document a line')
    .addHelpText('after', HELP)
    .action((topics: string[], options: Options) => tail(context, topics, options));
}

function fromOption(text: string): StartAt {
  const start = parseStart(text, new Date(), parseDuration);
  if (start !== undefined) return start;
  throw new InvalidArgumentError('Give beginning, end, 10m, 2026-11-25T10:00Z or an offset.');
}

async function tail({ env, log }: CommandContext, names: readonly string[], options: Options): Promise<void> {
  const kafka = createKafka({
    ...readKafkaAccess(env),
    clientId: 'outbox-tail',
    log,
  });
  const topics = await findTopics(kafka, names, env['TOPIC_PREFIX'] ?? '');
  const decoder = createGenericDecoder(readRegistryAccess(env));
  const filter: RecordFilter = { types: options.type, key: options.key, orderId: options.order };
  const interrupted = interruption();
  const done = new Promise<void>((resolve) => interrupted.signal.addEventListener('abort', () => resolve()));
  let left = options.limit ?? Number.POSITIVE_INFINITY;
  let end: () => void = () => undefined;
  const full = new Promise<void>((resolve) => (end = resolve));
  if (left === 0) end();
  try {
    const following = await followTopics({
      kafka,
      topics,
      from: options.from,
      onRecord: async (record) => {
        if (left <= 0 || !mayMatch(record, filter)) return;
        const value = await readValue(decoder, record);
        if (!isAbout(record, value, filter)) return;
        show(record, value, options);
        left -= 1;
        if (left <= 0) end();
      },
    });
    console.error(
      styleText('dim', `Following ${topics.join(', ')}. Ctrl-C ends.`, { stream: process.stderr }),
    );
    await Promise.race([done, full]);
    await following.stop();
  } finally {
    interrupted.forget();
  }
}

/** @throws PipelineError `topic_missing`, `kafka_unreachable` */
async function findTopics(kafka: Kafka, names: readonly string[], topicPrefix: string): Promise<string[]> {
  const wanted = names.length === 0 ? eventTopics.map(({ name }) => name) : names;
  const existing = await listTopics(kafka);
  return topicsInKafka(wanted, topicPrefix, existing).map((topic, index) => {
    if (topic !== undefined) return topic;
    throw new PipelineError('topic_missing', `Topic ${wanted[index] ?? ''} does not exist.`, {
      remedy: 'npx outbox topics apply creates what the catalogue declares.',
    });
  });
}

async function readValue(decoder: GenericDecoder, { value, headers }: TopicRecord): Promise<ReadValue> {
  if (value === null) return undefined;
  try {
    return await decoder.decode(value, headers['schemaFingerprint']);
  } catch (error) {
    return { reason: describeError(error) };
  }
}

function show(record: TopicRecord, value: ReadValue, options: Options): void {
  if (options.json === true) console.log(recordJson(record, value));
  else console.log(recordLines(record, value, painterFor(record)).join('\n'));
}

/** Each type keeps its colour. */
const TYPE_COLOURS = ['green', 'cyan', 'magenta', 'yellow', 'blue'] as const;

function painterFor({ headers }: TopicRecord): Paint {
  const sum = Buffer.from(headers['eventType'] ?? '').reduce((total, byte) => total + byte, 0);
  const ofType = TYPE_COLOURS[sum % TYPE_COLOURS.length] ?? 'green';
  const styles = { dim: 'dim', name: 'dim', problem: 'red', type: ['bold', ofType] } as const;
  return (part, text) => styleText(styles[part] as Parameters<typeof styleText>[0], text);
}
