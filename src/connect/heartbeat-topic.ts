import type { ConnectorConfig } from './connector-file.ts';

export const HEARTBEAT_PREFIX = '__debezium-heartbeat';

/** Where Debezium puts the connector's heartbeats: `<topic.heartbeat.prefix>.<topic.prefix>`. */
export function heartbeatTopic(config: ConnectorConfig): string {
  return `${config['topic.heartbeat.prefix'] ?? HEARTBEAT_PREFIX}.${config['topic.prefix'] ?? ''}`;
}
