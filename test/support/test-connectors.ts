import { fileURLToPath } from 'node:url';
import type { ConnectorFile } from '../../src/connect/connector-file.ts';
import { readConnectorFiles } from '../../src/connect/read-connector-files.ts';
import { registerConnectors } from '../../src/connect/register-connectors.ts';
import { silentLog } from '../../src/platform/log.ts';
import { createPool } from '../../src/platform/postgres/pool.ts';
import { dropSlot } from './drop-slot.ts';
import { stackValue, testConnect } from './test-stack.ts';

const folder = fileURLToPath(new URL('../../connectors/', import.meta.url));

/** What `connectors/` says, for connectorForEnvironment. */
export const connectorFiles = (): Promise<ConnectorFile[]> => readConnectorFiles(folder);

/** Made by a person, as the pipeline's topics are. */
export const heartbeatTopic = ({ config }: ConnectorFile): string =>
  `${config['topic.heartbeat.prefix'] ?? ''}.${config['topic.prefix'] ?? ''}`;

/** Registers them and waits until they run. */
export async function startConnectors(connectors: readonly ConnectorFile[]): Promise<void> {
  const results = await registerConnectors(testConnect(), connectors);
  for (const result of results) if (result.problem !== undefined) throw result.problem;
}

/** A slot that nobody reads holds back the log of the whole server, so none is left behind. */
export async function removeConnectors(connectors: readonly ConnectorFile[]): Promise<void> {
  const client = testConnect();
  const admin = createPool({
    connectionString: stackValue('POSTGRES_ADMIN_URL'),
    applicationName: 'test',
    log: silentLog,
    max: 1,
  });
  for (const connector of connectors) {
    await client.delete(connector.name);
    await dropSlot(admin, connector.config['slot.name'] ?? '');
  }
  await admin.end();
}
