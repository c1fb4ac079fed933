import { PipelineError } from '../platform/errors.ts';
import type { ConnectorConfig, ConnectorFile } from './connector-file.ts';
import { HEARTBEAT_PREFIX } from './heartbeat-topic.ts';

/** What differs from one environment to the next; everything left out stays as the file says. */
export interface ConnectorEnvironment {
  /** The connector's name. Its slot follows it (`a-b` → `a_b`) unless `slotName` is given: two connectors can't share one. */
  readonly name?: string;
  readonly database?: string;
  /** Unique in the whole Postgres server, not only in its database. */
  readonly slotName?: string;
  readonly publicationName?: string;
  /**
   * Debezium's `topic.prefix`: the key of the stored offsets, the end of the heartbeat topic's name and part of the name that the
   * outbox predicate looks for. Two connectors with the same one in a worker hold each other up, over the names of their metrics.
   */
  readonly serverName?: string;
  /** Put before the name of every Kafka topic written to, heartbeats included (TOPIC_PREFIX). */
  readonly topicPrefix?: string;
  readonly pollIntervalMs?: number;
}

/**
 * The same connector in another environment, with the settings that depend on each other changed together.
 * @throws PipelineError `connector_file_invalid` for a name that Postgres or Kafka would refuse.
 */
export function connectorForEnvironment(
  file: ConnectorFile,
  environment: ConnectorEnvironment,
): ConnectorFile {
  const name = environment.name ?? file.name;
  const config = file.config;
  const slotName =
    environment.slotName ??
    (environment.name === undefined ? config['slot.name'] : name.replaceAll(/[.-]/g, '_'));
  const serverName = environment.serverName ?? config['topic.prefix'] ?? '';
  const topicPrefix = environment.topicPrefix ?? '';
  refuseUnless(/^[a-z0-9_]{1,63}$/, slotName ?? '', 'replication slot', 'a to z, 0 to 9 and _, at most 63');
  refuseUnless(/^[\w.-]*$/, topicPrefix, 'topic prefix', 'letters, digits, dot, _ and -');
  const table = config['table.include.list'] ?? '';
  const changed: Record<string, string | undefined> = {
    'database.dbname': environment.database,
    'slot.name': slotName,
    'publication.name': environment.publicationName,
    'topic.prefix': serverName,
    'predicates.isOutbox.pattern': outboxPattern(serverName, table),
    'topic.heartbeat.prefix': `${topicPrefix}${config['topic.heartbeat.prefix'] ?? HEARTBEAT_PREFIX}`,
    'transforms.outbox.route.topic.replacement': `${topicPrefix}${config['transforms.outbox.route.topic.replacement'] ?? '${routedByValue}'}`,
    'poll.interval.ms': environment.pollIntervalMs?.toString(),
  };
  return { name, config: withValues(config, changed) };
}

/** The name that Debezium gives the outbox's records before routing, as the pattern of the `isOutbox` predicate. */
export function outboxPattern(serverName: string, table: string): string {
  return `${serverName}.${table}`.replaceAll(/[.$^*+?()[\]{}|\\]/g, '\\$&');
}

function withValues(config: ConnectorConfig, changed: Record<string, string | undefined>): ConnectorConfig {
  const values = Object.entries(changed).filter((entry): entry is [string, string] => entry[1] !== undefined);
  return { ...config, ...Object.fromEntries(values) };
}

function refuseUnless(pattern: RegExp, value: string, what: string, allowed: string): void {
  if (pattern.test(value)) return;
  throw new PipelineError('connector_file_invalid', `"${value}" can't be the name of a ${what}.`, {
    remedy: `Allowed: ${allowed}.`,
  });
}
