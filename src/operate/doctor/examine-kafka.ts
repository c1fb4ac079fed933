import { HORIZON_DAYS } from '../../consumer/event-horizon.ts';
import { OUTBOX_RETENTION_DAYS } from '../../outbox/maintain-partitions.ts';
import type { Cluster, Topic } from '../../platform/kafka/read-cluster.ts';
import type { OperatedPipeline } from '../operated-pipeline.ts';
import {
  judgeAutoCreate,
  judgeBrokerMessageBytes,
  judgeBrokers,
  judgeUncleanElection,
} from './check-brokers.ts';
import * as topics from './check-topics.ts';
import type { Check, Section } from './section.ts';

interface KafkaFacts {
  readonly pipeline: OperatedPipeline;
  readonly cluster: Cluster;
  /** Of the catalogue, as far as they exist. */
  readonly own: readonly Topic[];
}

const checks: readonly Check<KafkaFacts>[] = [
  { name: 'brokers', look: ({ cluster }) => judgeBrokers(cluster.brokers) },
  { name: 'topic creation', look: ({ cluster }) => [judgeAutoCreate(cluster.brokers)] },
  { name: 'leader election', look: ({ cluster }) => [judgeUncleanElection(cluster.brokers)] },
  {
    name: 'record size',
    look: ({ cluster, own }) => [
      judgeBrokerMessageBytes(cluster.brokers),
      ...topics.judgeTopicMessageBytes(own),
    ],
  },
  {
    name: 'topics',
    look: ({ pipeline, cluster }) => topics.judgeTopicsExist(pipeline.topics, cluster.topics),
  },
  {
    name: 'partitions',
    look: ({ pipeline, cluster }) => topics.judgePartitionCounts(pipeline.topics, cluster.topics),
  },
  {
    name: 'topic settings',
    look: ({ pipeline, cluster }) => topics.judgeTopicSettings(pipeline.topics, cluster.topics),
  },
  { name: 'copies', look: ({ cluster, own }) => topics.judgeCopies(own, cluster.brokers.length) },
  {
    name: 'memory of events',
    look: ({ own }) =>
      topics.judgeRetentionFitsMemory(own, {
        horizonDays: HORIZON_DAYS,
        outboxDays: OUTBOX_RETENTION_DAYS,
      }),
  },
  {
    name: 'heartbeats',
    look: ({ pipeline, cluster }) => topics.judgeHeartbeats(pipeline.connectors, cluster.topics),
  },
];

export function kafkaSection(pipeline: OperatedPipeline, cluster: Promise<Cluster>): Section<KafkaFacts> {
  return {
    title: 'Kafka',
    reach: async () => {
      const found = await cluster;
      const own = pipeline.topics.flatMap(({ name }) => found.topics.get(name) ?? []);
      return { pipeline, cluster: found, own };
    },
    remedy: 'Start it (npm run stack -- up kafka) or set KAFKA_BROKERS.',
    checks,
  };
}
