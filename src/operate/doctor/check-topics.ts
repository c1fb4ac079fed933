import { heartbeatTopic } from '../../connect/heartbeat-topic.ts';
import type { Topic } from '../../platform/kafka/read-cluster.ts';
import type { TopicSpec } from '../../platform/kafka/topic-admin.ts';
import type { OperatedConnector } from '../operated-pipeline.ts';
import { RECORD_BYTES } from './check-brokers.ts';
import { bytesInWords, secondsInWords } from './in-words.ts';
import { problem, warning, wrongOr, type Judgement } from './judgement.ts';

const DAY_MS = 86_400_000;
const APPLY = 'Run: npx outbox topics apply';

type Topics = ReadonlyMap<string, Topic>;

export function judgeTopicsExist(specs: readonly TopicSpec[], topics: Topics): Judgement[] {
  const missing = specs.filter(({ name }) => !topics.has(name));
  return wrongOr(
    missing.map(({ name }) =>
      problem(`${name} does not exist: a connector that has a record for it waits for ever.`, APPLY),
    ),
    `all ${specs.length} are there`,
  );
}

export function judgePartitionCounts(specs: readonly TopicSpec[], topics: Topics): Judgement[] {
  const wrong = specs.flatMap(({ name, partitions }) => {
    const found = topics.get(name)?.partitions.length;
    if (found === undefined || found === partitions) return [];
    return [
      problem(
        `${name} has ${found} partitions, the catalogue says ${partitions}.`,
        found < partitions
          ? 'See what would move: npx outbox topics plan (more partitions put keys elsewhere, and their order is lost).'
          : `Say ${found} in src/contracts: partitions can not be taken away.`,
      ),
    ];
  });
  return wrongOr(wrong, 'as many as declared');
}

/** What the catalogue declares, and what would take records away that it does not declare. */
export function judgeTopicSettings(specs: readonly TopicSpec[], topics: Topics): Judgement[] {
  const wrong = specs.flatMap((spec) => {
    const settings = topics.get(spec.name)?.settings;
    if (settings === undefined) return [];
    const differing = Object.entries(spec.config)
      .filter(([key, value]) => settings[key] !== value)
      .map(([key, value]) =>
        problem(
          `${spec.name}: ${key} is ${shown(key, settings[key])}, the catalogue says ${shown(key, value)}.`,
          APPLY,
        ),
      );
    return [...differing, ...undeclaredLimits(spec, settings), ...unreadable(spec.name, settings)];
  });
  return wrongOr(wrong, 'retention and cleanup as declared');
}

function undeclaredLimits(spec: TopicSpec, settings: Topic['settings']): Judgement[] {
  const limit = settings['retention.bytes'] ?? '-1';
  if (limit === '-1' || 'retention.bytes' in spec.config) return [];
  return [
    warning(
      `${spec.name}: retention.bytes is ${bytesInWords(Number(limit))}: in a busy week records go before their time.`,
      `Set retention.bytes of ${spec.name} to -1, or declare it in the catalogue.`,
    ),
  ];
}

/** Consumers are kafkajs, which has gzip only. */
function unreadable(name: string, settings: Topic['settings']): Judgement[] {
  const compression = settings['compression.type'] ?? 'producer';
  if (['producer', 'gzip', 'uncompressed'].includes(compression)) return [];
  return [
    problem(
      `${name}: compression.type is ${compression}, which the consumers can not read.`,
      `Set compression.type of ${name} to producer.`,
    ),
  ];
}

function shown(key: string, value: string | undefined): string {
  if (value === undefined) return 'not set';
  if (key.endsWith('.ms') && Number(value) > 0) return secondsInWords(Number(value) / 1000);
  return key.endsWith('.bytes') && Number(value) > 0 ? bytesInWords(Number(value)) : value;
}

/** One copy on one broker is a choice; one copy with brokers to spare loses events with a disk. */
export function judgeCopies(topics: Iterable<Topic>, brokers: number): Judgement[] {
  const wrong = [...topics].flatMap((topic) => {
    const copies = Math.min(...topic.partitions.map(({ replicas }) => replicas));
    const minInSync = Number(topic.settings['min.insync.replicas'] ?? 1);
    return [...wrongCopies(topic.name, copies, minInSync, brokers), ...unwell(topic, minInSync)];
  });
  return wrongOr(
    wrong,
    brokers === 1 ? 'one copy, as there is one broker' : 'each record is on several brokers',
  );
}

function wrongCopies(name: string, copies: number, minInSync: number, brokers: number): Judgement[] {
  if (minInSync > copies)
    return [
      problem(
        `${name}: min.insync.replicas is ${minInSync} with ${copies} copies: nothing can be written.`,
        `Set min.insync.replicas of ${name} to ${Math.max(1, copies - 1)}.`,
      ),
    ];
  if (brokers === 1) return [];
  if (copies === 1)
    return [
      warning(
        `${name} has one copy although there are ${brokers} brokers: what a broker loses is lost.`,
        'Set REPLICATION_FACTOR=3 before topics are made; existing ones: kafka-reassign-partitions.',
      ),
    ];
  if (copies > 2 && minInSync < 2)
    return [
      warning(
        `${name}: min.insync.replicas is ${minInSync}: a record counts as written when one broker has it.`,
        `Set min.insync.replicas of ${name} to 2.`,
      ),
    ];
  return [];
}

function unwell({ name, partitions }: Topic, minInSync: number): Judgement[] {
  const down = partitions.filter(({ hasLeader }) => !hasLeader);
  const short = partitions.filter(({ hasLeader, inSync }) => hasLeader && inSync < minInSync);
  const behind = partitions.filter(({ inSync, replicas }) => inSync >= minInSync && inSync < replicas);
  const restart = 'Bring the missing brokers back.';
  return [
    ...(down.length > 0 ? [problem(`${name}: ${down.length} partitions have no leader.`, restart)] : []),
    ...(short.length > 0
      ? [problem(`${name}: ${short.length} partitions have too few copies up to be written to.`, restart)]
      : []),
    ...(behind.length > 0 ? [warning(`${name}: ${behind.length} partitions miss a copy.`, restart)] : []),
  ];
}

/** The topic's own limit is the one that counts; Debezium's producer allows 1 MiB. */
export function judgeTopicMessageBytes(topics: Iterable<Topic>): Judgement[] {
  const wrong = [...topics]
    .filter(({ settings }) => Number(settings['max.message.bytes'] ?? Infinity) < RECORD_BYTES)
    .map(({ name, settings }) =>
      problem(
        `${name} takes records up to ${bytesInWords(Number(settings['max.message.bytes']))} only: an event may have 900,000 bytes, and the first larger one stops its connector.`,
        `Set max.message.bytes of ${name} to 1048588.`,
      ),
    );
  return wrongOr(wrong, 'enough for the largest event');
}

/**
 * An event can come again as long as its row can be republished (twice the outbox's retention) and its record be read (the topic's
 * retention, and the time a segment stays open beyond it). Consumers must remember for longer.
 */
export function judgeRetentionFitsMemory(
  topics: Iterable<Topic>,
  memory: { horizonDays: number; outboxDays: number },
): Judgement[] {
  const wrong = [...topics].flatMap(({ name, settings }) => {
    if (settings['cleanup.policy'] !== 'delete') return [];
    const kept = Number(settings['retention.ms'] ?? 0);
    const remedy = `Shorten retention.ms of ${name}, or raise HORIZON_DAYS (src/consumer/event-horizon.ts).`;
    if (kept < 0)
      return [problem(`${name} is kept for ever, consumers remember ${memory.horizonDays} days.`, remedy)];
    // A segment is dropped as a whole, when the newest record in it is old enough.
    const open = Number(settings['segment.ms'] ?? 7 * DAY_MS);
    const needed = Math.ceil((kept + open) / DAY_MS) + 2 * memory.outboxDays;
    if (needed <= memory.horizonDays) return [];
    return [
      problem(
        `An event of ${name} can come again after ${needed} days, and consumers remember ${memory.horizonDays}: it would be applied twice or stop them.`,
        remedy,
      ),
    ];
  });
  return wrongOr(wrong, `consumers remember ${memory.horizonDays} days, longer than an event can come again`);
}

/** Undefined where heartbeats are switched off. */
export function heartbeatTopicOf({ file }: OperatedConnector): string | undefined {
  return Number(file.config['heartbeat.interval.ms'] ?? 0) <= 0 ? undefined : heartbeatTopic(file.config);
}

export function judgeHeartbeats(connectors: readonly OperatedConnector[], topics: Topics): Judgement[] {
  const wrong = connectors.flatMap((connector) => {
    const topic = heartbeatTopicOf(connector);
    const { name } = connector.file;
    if (topic === undefined)
      return [
        warning(
          `${name} has no heartbeat: while its service is idle and others write, its slot holds back the log.`,
          `Set heartbeat.interval.ms in connectors/${name}.json.`,
        ),
      ];
    if (topics.has(topic)) return [];
    return [
      problem(
        `${topic} does not exist: ${name} waits for ever with its first heartbeat.`,
        'Declare it in src/contracts/catalogue.ts, then: npx outbox topics apply',
      ),
    ];
  });
  return wrongOr(wrong, connectors.length === 0 ? 'there is no connector' : 'each connector has its topic');
}
