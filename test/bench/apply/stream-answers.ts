import { connectorForEnvironment } from '../../../src/connect/connector-for-environment.ts';
import { applyTopics } from '../../../src/platform/kafka/topic-admin.ts';
import { silentLog } from '../../../src/platform/log.ts';
import {
  connectorFiles,
  heartbeatTopic,
  removeConnectors,
  startConnectors,
} from '../../support/test-connectors.ts';
import type { TestDatabase } from '../../support/test-database.ts';
import { testKafka } from '../../support/test-stack.ts';

/** The inventory's connector for this database, as `connectors/` has it. */
export async function streamAnswers(
  { database }: TestDatabase,
  topicPrefix: string,
): Promise<{ readonly slot: string; stop(): Promise<void> }> {
  const file = (await connectorFiles()).find(({ name }) => name === 'inventory-outbox');
  if (file === undefined) throw new Error('There is no connector inventory-outbox in connectors/.');
  const name = database.replaceAll('_', '-');
  const connector = connectorForEnvironment(file, { name, serverName: name, database, topicPrefix });
  await applyTopics(testKafka(), [{ name: heartbeatTopic(connector), partitions: 1, config: {} }], {
    replicationFactor: 1,
    log: silentLog,
  });
  await startConnectors([connector]);
  return { slot: connector.config['slot.name'] ?? '', stop: () => removeConnectors([connector]) };
}
