import kafkajs from 'kafkajs';
import type { Admin } from 'kafkajs';
import { describeError, PipelineError } from '../errors.ts';
import type { Log } from '../log.ts';
import type { Kafka } from './kafka-client.ts';

export interface TopicSpec {
  readonly name: string;
  readonly partitions: number;
  /** Topic settings as Kafka names them, e.g. `retention.ms`. */
  readonly config: Readonly<Record<string, string>>;
}

export interface TopicResult {
  readonly name: string;
  readonly done: 'created' | 'configured' | 'unchanged';
}

/**
 * Creates the topics that are missing and sets the declared settings on those that exist. Never deletes, and never
 * changes the number of partitions: that would move keys to other partitions and lose their order.
 * @throws PipelineError `topic_mismatch` for a topic with another number of partitions than declared, before any change;
 * `kafka_unreachable`
 */
export async function applyTopics(
  kafka: Kafka,
  topics: readonly TopicSpec[],
  options: { replicationFactor: number; log: Log },
): Promise<TopicResult[]> {
  const admin = kafka.admin({ retry: { retries: 4 } });
  await connect(admin);
  try {
    const existing = new Set(await admin.listTopics());
    await refuseOtherPartitionCounts(
      admin,
      topics.filter((topic) => existing.has(topic.name)),
    );
    const results: TopicResult[] = [];
    const missing = topics.filter((topic) => !existing.has(topic.name));
    if (missing.length > 0) await createMissing(admin, missing, options.replicationFactor);
    for (const topic of topics) {
      const done = missing.includes(topic) ? 'created' : await configure(admin, topic);
      options.log.debug({ topic: topic.name, done }, 'topic');
      results.push({ name: topic.name, done });
    }
    return results;
  } finally {
    await admin.disconnect();
  }
}

async function connect(admin: Admin): Promise<void> {
  try {
    await admin.connect();
  } catch (error) {
    throw new PipelineError('kafka_unreachable', `Kafka did not answer: ${describeError(error)}.`, {
      remedy: 'Start it (npm run stack -- up kafka) or set KAFKA_BROKERS.',
      cause: error,
    });
  }
}

async function createMissing(
  admin: Admin,
  topics: readonly TopicSpec[],
  replicationFactor: number,
): Promise<void> {
  await admin.createTopics({
    waitForLeaders: true,
    topics: topics.map((topic) => ({
      topic: topic.name,
      numPartitions: topic.partitions,
      replicationFactor,
      configEntries: Object.entries(topic.config).map(([name, value]) => ({ name, value })),
    })),
  });
}

async function refuseOtherPartitionCounts(admin: Admin, topics: readonly TopicSpec[]): Promise<void> {
  if (topics.length === 0) return;
  const { topics: metadata } = await admin.fetchTopicMetadata({ topics: topics.map((topic) => topic.name) });
  for (const topic of topics) {
    const found = metadata.find((candidate) => candidate.name === topic.name)?.partitions.length ?? 0;
    if (found === topic.partitions) continue;
    throw new PipelineError(
      'topic_mismatch',
      `Topic ${topic.name} has ${found} partitions; the catalogue declares ${topic.partitions}.`,
      {
        remedy:
          'Set the catalogue to what the topic has, or move to a new topic: another number of partitions reorders keys.',
      },
    );
  }
}

async function configure(admin: Admin, topic: TopicSpec): Promise<'configured' | 'unchanged'> {
  const resource = { type: kafkajs.ConfigResourceTypes.TOPIC, name: topic.name };
  const { resources } = await admin.describeConfigs({ includeSynonyms: false, resources: [resource] });
  const current = new Map(resources[0]?.configEntries.map((entry) => [entry.configName, entry.configValue]));
  if (Object.entries(topic.config).every(([name, value]) => current.get(name) === value)) return 'unchanged';
  // AlterConfigs replaces all of a topic's own settings; what the catalogue does not name falls back to the broker's default.
  const configEntries = Object.entries(topic.config).map(([name, value]) => ({ name, value }));
  await admin.alterConfigs({ validateOnly: false, resources: [{ ...resource, configEntries }] });
  return 'configured';
}
