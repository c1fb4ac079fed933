import type { ConnectClient } from '../../connect/connect-client.ts';
import { connectorChanges, type KeyDefaults } from '../../connect/connector-changes.ts';
import type { ConnectorFile } from '../../connect/connector-file.ts';
import type { ConnectorStatus } from '../../connect/connector-status.ts';

/** How a connector is after something failed, in one sentence: which settings it has, and what it does. */
export async function describeLeft(
  connect: ConnectClient,
  file: ConnectorFile,
  defaults: KeyDefaults,
): Promise<{ sentence: string; status: ConnectorStatus | undefined }> {
  try {
    const config = await connect.config(file.name);
    const status = await connect.status(file.name);
    if (config === undefined) return { sentence: 'Kafka Connect does not have the connector.', status };
    const isNew = connectorChanges(file.config, config, defaults).length === 0;
    const settings = isNew ? 'the settings of its file' : 'the settings it had before';
    return { sentence: `It was left ${stateOf(status)}, with ${settings}.`, status };
  } catch {
    // Whoever failed before has said why.
    const sentence =
      'How it was left is not known, since Kafka Connect does not answer: run npx outbox connectors plan when it does.';
    return { sentence, status: undefined };
  }
}

function stateOf(status: ConnectorStatus | undefined): string {
  if (status === undefined) return 'without a state';
  const tasks = status.tasks.map(({ id, state }) => `task ${id} ${state}`).join(', ');
  return `${status.connector.state}${tasks === '' ? '' : ` (${tasks})`}`;
}
