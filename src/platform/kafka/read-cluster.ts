import kafkajs from 'kafkajs';
import type { Admin } from 'kafkajs';
import type { Kafka } from './kafka-client.ts';
import { kafkaUnreachable } from './kafka-unreachable.ts';

export interface Broker {
  readonly id: number;
  readonly address: string;
  /** As Kafka names them, defaults included. */
  readonly settings: Readonly<Record<string, string>>;
}

export interface Topic {
  readonly name: string;
  readonly partitions: readonly {
    readonly partition: number;
    readonly replicas: number;
    readonly inSync: number;
    /** False when none of its replicas is up. */
    readonly hasLeader: boolean;
  }[];
  /** As Kafka names them, defaults included. */
  readonly settings: Readonly<Record<string, string>>;
}

export interface Cluster {
  readonly id: string;
  readonly brokers: readonly Broker[];
  /** Those of the topics asked for that exist, by name. */
  readonly topics: ReadonlyMap<string, Topic>;
}

/**
 * Brokers and topics as they are; changes nothing.
 * @throws PipelineError `kafka_unreachable`
 */
export async function readCluster(kafka: Kafka, topics: readonly string[]): Promise<Cluster> {
  const admin = kafka.admin({ retry: { retries: 4 } });
  try {
    await admin.connect();
    const { brokers, clusterId } = await admin.describeCluster();
    const existing = new Set(await admin.listTopics());
    const names = [...new Set(topics)].filter((name) => existing.has(name));
    const settings = await readSettings(
      admin,
      brokers.map(({ nodeId }) => String(nodeId)),
      names,
    );
    const metadata = names.length === 0 ? [] : (await admin.fetchTopicMetadata({ topics: names })).topics;
    return {
      id: clusterId,
      brokers: brokers.map(({ nodeId, host, port }) => ({
        id: nodeId,
        address: `${host}:${port}`,
        settings: settings.get(`broker ${nodeId}`) ?? {},
      })),
      topics: new Map(
        metadata.map(({ name, partitions }) => [
          name,
          {
            name,
            settings: settings.get(`topic ${name}`) ?? {},
            partitions: partitions.map(({ partitionId, replicas, isr, leader }) => ({
              partition: partitionId,
              replicas: replicas.length,
              inSync: isr.length,
              hasLeader: leader >= 0,
            })),
          },
        ]),
      ),
    };
  } catch (error) {
    throw kafkaUnreachable(error);
  } finally {
    await admin.disconnect().catch(() => undefined);
  }
}

async function readSettings(
  admin: Admin,
  brokers: readonly string[],
  topics: readonly string[],
): Promise<Map<string, Record<string, string>>> {
  const { TOPIC, BROKER } = kafkajs.ConfigResourceTypes;
  const { resources } = await admin.describeConfigs({
    includeSynonyms: false,
    resources: [
      ...brokers.map((name) => ({ type: BROKER, name })),
      ...topics.map((name) => ({ type: TOPIC, name })),
    ],
  });
  return new Map(
    resources.map(({ resourceType, resourceName, configEntries }) => [
      `${(resourceType as number) === (TOPIC as number) ? 'topic' : 'broker'} ${resourceName}`,
      Object.fromEntries(configEntries.map(({ configName, configValue }) => [configName, configValue])),
    ]),
  );
}
