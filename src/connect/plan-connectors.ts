import type { ConnectClient } from './connect-client.ts';
import type { KeyDefaults } from './connector-changes.ts';
import type { ConnectorFile } from './connector-file.ts';
import { planConnector, type ActualConnector, type ConnectorPlan } from './connector-plan.ts';
import { validateConnector } from './validate-connector.ts';

/** A plan and what it was made of. */
export interface PlannedConnector {
  readonly plan: ConnectorPlan;
  readonly actual: ActualConnector | undefined;
  readonly defaults: KeyDefaults;
}

/**
 * Reads what Connect has and has it try each file. Changes nothing.
 * @throws PipelineError `connect_unreachable`, `connect_refused`
 */
export async function planConnectors(
  client: ConnectClient,
  files: readonly ConnectorFile[],
): Promise<PlannedConnector[]> {
  // A worker that is just starting would say of each connector that it is not there.
  await client.ready();
  return Promise.all(files.map((file) => readAndPlan(client, file)));
}

async function readAndPlan(client: ConnectClient, file: ConnectorFile): Promise<PlannedConnector> {
  const [actual, validation] = await Promise.all([
    readActual(client, file.name),
    validateConnector(client, file),
  ]);
  return { plan: planConnector({ file, actual, ...validation }), actual, defaults: validation.defaults };
}

export async function readActual(client: ConnectClient, name: string): Promise<ActualConnector | undefined> {
  const config = await client.config(name);
  if (config === undefined) return undefined;
  const [status, offsets] = await Promise.all([client.status(name), client.offsets(name)]);
  return { config, status, hasOffsets: offsets.length > 0 };
}
