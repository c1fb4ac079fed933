import { topicCatalogue } from '../../contracts/catalogue.ts';
import { PipelineError } from '../../platform/errors.ts';
import { readKafkaAccess } from '../../platform/kafka/kafka-access.ts';
import { createKafka, type Kafka } from '../../platform/kafka/kafka-client.ts';
import type { TopicSpec } from '../../platform/kafka/topic-plan.ts';
import type { CommandContext } from '../run-command.ts';

export interface TopicPlace {
  readonly kafka: Kafka;
  readonly specs: readonly TopicSpec[];
  readonly topicPrefix: string;
  readonly replicationFactor: number;
}

/** The catalogue and the cluster, as the environment says. @throws PipelineError `config_invalid` */
export function topicPlace({ env, log }: CommandContext): TopicPlace {
  const topicPrefix = env['TOPIC_PREFIX'] ?? '';
  const replicationFactor = Number(env['REPLICATION_FACTOR'] ?? 1);
  if (!Number.isInteger(replicationFactor) || replicationFactor < 1)
    throw new PipelineError('config_invalid', 'REPLICATION_FACTOR is no whole number of copies.', {
      remedy: 'Set it to 1 for one broker, to 3 in production.',
    });
  return {
    kafka: createKafka({ ...readKafkaAccess(env), clientId: 'outbox-topics', log }),
    specs: topicCatalogue(topicPrefix),
    topicPrefix,
    replicationFactor,
  };
}
