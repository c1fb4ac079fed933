import type { ConnectClient } from './connect-client.ts';
import type { ConnectorFile } from './connector-file.ts';
import { planConnector, type ActualConnector, type ConnectorPlan } from './connector-plan.ts';
import { validateConnector } from './validate-connector.ts';

/**
 * Reads what Connect has and has it try each file. Changes nothing.
 * @throws PipelineError `connect_unreachable`, `connect_refused`
 */
export async function planConnectors(
  client: ConnectClient,
  files: readonly ConnectorFile[],
): Promise<ConnectorPlan[]> {
  // A worker that is just starting would say of each connector that it is not there.
  await client.ready();
  return Promise.all(files.map((file) => readAndPlan(client, file)));
}

async function readAndPlan(client: ConnectClient, file: ConnectorFile): Promise<ConnectorPlan> {
  const [actual, validation] = await Promise.all([
    readActual(client, file.name),
    validateConnector(client, file),
  ]);
  return planConnector({ file, actual, ...validation });
}

export async function readActual(client: ConnectClient, name: string): Promise<ActualConnector | undefined> {
  const config = await client.config(name);
  if (config === undefined) return undefined;
  const [status, offsets] = await Promise.all([client.status(name), client.offsets(name)]);
  return { config, status, hasOffsets: offsets.length > 0 };
}
