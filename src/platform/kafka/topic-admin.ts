import kafkajs from 'kafkajs';
import type { Admin } from 'kafkajs';
import { PipelineError } from '../errors.ts';
import type { Log } from '../log.ts';
import { waitUntil } from '../wait-until.ts';
import type { Kafka } from './kafka-client.ts';
import { kafkaUnreachable } from './kafka-unreachable.ts';
import { planTopics, undeclaredTopics, type ExistingTopic, type PlannedTopic } from './topic-plan.ts';
import type { TopicSpec } from './topic-plan.ts';

export type { TopicSpec } from './topic-plan.ts';

export interface TopicResult {
  readonly name: string;
  /** `grown` when it got partitions, whatever else was set. */
  readonly done: 'created' | 'configured' | 'grown' | 'unchanged';
}

export interface ApplyOptions {
  /** Of topics that are created; others keep theirs. */
  readonly replicationFactor: number;
  readonly log: Log;
  /** Whether topics may get more partitions, which moves keys to other partitions. */
  readonly acceptReordering?: boolean;
}

/**
 * How the topics differ from what is declared, and which topics of the prefix are declared nowhere. Changes nothing.
 * @throws PipelineError `kafka_unreachable`
 */
export async function readTopicPlan(
  kafka: Kafka,
  specs: readonly TopicSpec[],
  options: { replicationFactor: number; topicPrefix: string },
): Promise<{ topics: PlannedTopic[]; undeclared: string[] }> {
  return withAdmin(kafka, async (admin) => {
    const names = await admin.listTopics();
    const existing = await readTopics(admin, specs, names);
    return {
      topics: planTopics(specs, existing, options.replicationFactor),
      undeclared: undeclaredTopics(names, specs, options.topicPrefix),
    };
  });
}

/**
 * Creates the topics that are missing and sets the declared settings on those that exist. Never deletes. More partitions only with
 * `acceptReordering`; fewer, or another replication factor, never. If it dies in the middle, the next run does the rest.
 * @throws PipelineError `topic_mismatch` for a topic with another number of partitions than declared: then the missing ones have been
 * created, and nothing else was changed; `kafka_unreachable`
 */
export async function applyTopics(
  kafka: Kafka,
  specs: readonly TopicSpec[],
  options: ApplyOptions,
): Promise<TopicResult[]> {
  return withAdmin(kafka, async (admin) => {
    const existing = await readTopics(admin, specs, await admin.listTopics());
    const plan = planTopics(specs, existing, options.replicationFactor);
    // First, since nobody is reordered by that: a lost topic must not have to wait until another one, which has grown, is declared so.
    await createMissing(admin, plan, options.replicationFactor);
    for (const topic of plan) refusePartitions(topic, options.acceptReordering === true);
    const results: TopicResult[] = [];
    for (const topic of plan) {
      const done = topic.isMissing ? 'created' : await change(admin, topic);
      options.log.debug({ topic: topic.spec.name, done }, 'topic');
      results.push({ name: topic.spec.name, done });
    }
    return results;
  });
}

async function withAdmin<T>(kafka: Kafka, use: (admin: Admin) => Promise<T>): Promise<T> {
  const admin = kafka.admin({ retry: { retries: 4 } });
  try {
    await admin.connect();
  } catch (error) {
    throw kafkaUnreachable(error);
  }
  try {
    return await use(admin);
  } finally {
    await admin.disconnect();
  }
}

async function readTopics(
  admin: Admin,
  specs: readonly TopicSpec[],
  existing: readonly string[],
): Promise<ExistingTopic[]> {
  const names = specs.map(({ name }) => name).filter((name) => existing.includes(name));
  if (names.length === 0) return [];
  const { topics } = await admin.fetchTopicMetadata({ topics: names });
  const { resources } = await admin.describeConfigs({
    includeSynonyms: false,
    resources: names.map((name) => ({ type: kafkajs.ConfigResourceTypes.TOPIC, name })),
  });
  const entries = new Map(resources.map(({ resourceName, configEntries }) => [resourceName, configEntries]));
  return topics.map(({ name, partitions }) => {
    const all = entries.get(name) ?? [];
    const own = all.filter(({ configSource }) => configSource === kafkajs.ConfigSource.TOPIC_CONFIG);
    return {
      name,
      partitions: partitions.length,
      replicationFactor: Math.min(...partitions.map(({ replicas }) => replicas.length)),
      settings: asRecord(all),
      own: asRecord(own),
    };
  });
}

const asRecord = (entries: readonly { configName: string; configValue: string }[]): Record<string, string> =>
  Object.fromEntries(entries.map(({ configName, configValue }) => [configName, configValue]));

function refusePartitions({ spec, partitions }: PlannedTopic, acceptReordering: boolean): void {
  if (partitions === undefined) return;
  const { from, to } = partitions;
  if (from > to)
    throw mismatch(
      spec.name,
      partitions,
      `Partitions can not be taken away: set the catalogue to ${from}, or move to a new topic.`,
    );
  if (acceptReordering) return;
  throw mismatch(
    spec.name,
    partitions,
    "Growing moves keys to other partitions, where a consumer may read a key's new events before its older ones and stops. " +
      'Pause the connectors, let every consumer read to the end, then run: npx outbox topics apply --accept-reordering',
  );
}

const mismatch = (name: string, { from, to }: { from: number; to: number }, remedy: string): PipelineError =>
  new PipelineError('topic_mismatch', `Topic ${name} has ${from} partitions; the catalogue declares ${to}.`, {
    remedy,
  });

async function createMissing(
  admin: Admin,
  plan: readonly PlannedTopic[],
  replicationFactor: number,
): Promise<void> {
  const missing = plan.filter(({ isMissing }) => isMissing);
  if (missing.length === 0) return;
  await admin.createTopics({
    // Not kafkajs' own wait: it gives up on a broker that does not know of the topic yet, as one under load is for a moment.
    waitForLeaders: false,
    topics: missing.map(({ spec }) => ({
      topic: spec.name,
      numPartitions: spec.partitions,
      replicationFactor,
      configEntries: entriesOf(spec.config),
    })),
  });
  const topics = missing.map(({ spec }) => spec.name);
  // Throws for as long as one of them is unknown, or has a partition without a leader.
  await waitUntil(() => admin.fetchTopicMetadata({ topics }), {
    timeoutMs: 30_000,
    everyMs: 100,
    what: `the leaders of ${topics.join(', ')}`,
    remedy: 'See whether all brokers run: npx outbox doctor',
  });
}

async function change(
  admin: Admin,
  { spec, settings, partitions, kept }: PlannedTopic,
): Promise<'configured' | 'grown' | 'unchanged'> {
  if (settings.length > 0) {
    // kafkajs only has AlterConfigs, which replaces all that is set on a topic: what others set beside us is sent along, so that it
    // stays. Should somebody set something between our look and this, that is lost.
    const configEntries = entriesOf({ ...kept, ...spec.config });
    const type = kafkajs.ConfigResourceTypes.TOPIC;
    await admin.alterConfigs({ validateOnly: false, resources: [{ type, name: spec.name, configEntries }] });
  }
  if (partitions === undefined) return settings.length > 0 ? 'configured' : 'unchanged';
  await admin.createPartitions({ topicPartitions: [{ topic: spec.name, count: partitions.to }] });
  return 'grown';
}

const entriesOf = (config: Readonly<Record<string, string>>): { name: string; value: string }[] =>
  Object.entries(config).map(([name, value]) => ({ name, value }));
