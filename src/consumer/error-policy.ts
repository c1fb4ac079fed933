import { PipelineError } from '../platform/errors.ts';
import type { ErrorCode } from '../platform/errors.ts';
import { accessRemedy } from '../platform/kafka/kafka-unreachable.ts';
import {
  isMissingPartition,
  isTransientPostgresError,
  isWrongStatement,
} from '../platform/postgres/postgres-errors.ts';
import { isKafkaError, isTopicMissing, isTransientKafkaError } from './kafka-errors.ts';

/**
 * retry: the same batch again, as long as it takes. park: the event that fails is set aside and holds its key, after the batch was
 * split until it was found. stop: the consumer ends loudly and its position stays.
 */
export type Policy = {
  readonly action: 'retry' | 'park' | 'stop';
  readonly code: ErrorCode;
  readonly remedy: string;
};

type Kind =
  | 'database'
  | 'database not up to date'
  | 'deduplication race'
  | 'registry'
  | 'kafka'
  | 'topic missing'
  | 'kafka refuses'
  | 'event'
  | 'handler or data'
  | 'known failure';

/** The whole policy. A row's remedy is used where the error does not bring its own. */
const POLICIES: Record<Kind, Policy> = {
  database: {
    action: 'retry',
    code: 'database_unreachable',
    remedy:
      'Nothing to do once Postgres answers again; otherwise check it and the number of its connections.',
  },
  'database not up to date': {
    action: 'stop',
    code: 'consumer_stopped',
    remedy:
      'Every event would fail on this: bring the database up to date (migrations, rights, partitions), then start again.',
  },
  'deduplication race': {
    action: 'retry',
    code: 'dedupe_race',
    remedy: 'Nothing to do: the next try sees what the other instance has committed.',
  },
  registry: {
    action: 'retry',
    code: 'registry_unreachable',
    remedy: 'Nothing to do once the schema registry answers again; otherwise check REGISTRY_URL.',
  },
  kafka: {
    action: 'retry',
    code: 'kafka_unreachable',
    remedy: 'Nothing to do once Kafka answers again; otherwise check KAFKA_BROKERS.',
  },
  'topic missing': {
    action: 'stop',
    code: 'topic_mismatch',
    remedy: 'Create the topics with `npx outbox topics apply`, then start again.',
  },
  'kafka refuses': {
    action: 'stop',
    code: 'kafka_unreachable',
    remedy:
      'Asking again will not help: check credentials, rights and the compression of the topic, then start again.',
  },
  event: {
    action: 'park',
    code: 'event_unreadable',
    remedy: 'Mend what is wrong with it, then redrive it; or discard it with a reason.',
  },
  'handler or data': {
    action: 'park',
    code: 'event_handler_failed',
    remedy: 'Mend the handler or the data it trips over, deploy, then redrive the key.',
  },
  'known failure': { action: 'stop', code: 'consumer_stopped', remedy: 'Mend the cause, then start again.' },
};

/** What to do about a failure, whoever threw it. */
export function policyFor(error: unknown): Policy {
  const policy = POLICIES[kindOf(error)];
  if (error instanceof PipelineError) return { ...policy, code: error.code, remedy: error.remedy };
  const remedy = isKafkaError(error) ? accessRemedy(error) : undefined;
  return remedy === undefined ? policy : { ...policy, remedy };
}

function kindOf(error: unknown): Kind {
  if (error instanceof PipelineError) return kindOfCode(error.code);
  if (isTopicMissing(error)) return 'topic missing';
  if (isTransientKafkaError(error)) return 'kafka';
  if (isKafkaError(error)) return 'kafka refuses';
  if (isTransientPostgresError(error)) return 'database';
  return isWrongStatement(error) || isMissingPartition(error) ? 'database not up to date' : 'handler or data';
}

function kindOfCode(code: ErrorCode): Kind {
  switch (code) {
    case 'database_unreachable':
      return 'database';
    case 'dedupe_race':
      return 'deduplication race';
    case 'registry_unreachable':
      return 'registry';
    case 'kafka_unreachable':
      return 'kafka';
    case 'event_unreadable':
    case 'event_too_old':
    case 'schema_unknown':
    case 'schema_incompatible':
    case 'event_kills':
      return 'event';
    case 'event_handler_failed':
    case 'event_invalid':
      return 'handler or data';
    default:
      return 'known failure';
  }
}
