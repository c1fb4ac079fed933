import { connectorForEnvironment } from '../../src/connect/connector-for-environment.ts';
import { applyTopics } from '../../src/platform/kafka/topic-admin.ts';
import { silentLog } from '../../src/platform/log.ts';
import {
  connectorFiles,
  heartbeatTopic,
  removeConnectors,
  startConnectors,
} from '../support/test-connectors.ts';
import type { TestDatabase } from '../support/test-database.ts';
import { testKafka } from '../support/test-stack.ts';

export interface StreamedOutbox {
  /** Of the connector. */
  readonly name: string;
  readonly slot: string;
  /** The slot goes, too. */
  stop(): Promise<void>;
}

/** The service's connector for this database, as `connectors/` has it. It may not read from its slot yet. */
export async function streamOutbox(
  service: 'orders' | 'inventory',
  { database }: TestDatabase,
  topicPrefix: string,
): Promise<StreamedOutbox> {
  const file = (await connectorFiles()).find(({ name }) => name === `${service}-outbox`);
  if (file === undefined) throw new Error(`There is no connector ${service}-outbox in connectors/.`);
  const name = database.replaceAll('_', '-');
  const connector = connectorForEnvironment(file, { name, serverName: name, database, topicPrefix });
  await applyTopics(testKafka(), [{ name: heartbeatTopic(connector), partitions: 1, config: {} }], {
    replicationFactor: 1,
    log: silentLog,
  });
  await startConnectors([connector]);
  return { name, slot: connector.config['slot.name'] ?? '', stop: () => removeConnectors([connector]) };
}
