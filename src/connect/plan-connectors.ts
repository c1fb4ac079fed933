import type { ConnectClient } from './connect-client.ts';
import type { KeyDefaults } from './connector-changes.ts';
import type { ConnectorConfig, ConnectorFile } from './connector-file.ts';
import { planConnector, type ActualConnector, type ConnectorPlan } from './connector-plan.ts';
import { validateConnector } from './validate-connector.ts';

/** A plan and what it was made of. */
export interface PlannedConnector {
  readonly plan: ConnectorPlan;
  readonly actual: ActualConnector | undefined;
  /** Of a connector that Connect does not have: the settings under which it is known to have stood before. */
  readonly before: ConnectorConfig | undefined;
  readonly defaults: KeyDefaults;
}

/** Looks for the settings under which a connector stood that Connect does not have any more. */
export type FindBefore = (file: ConnectorFile) => Promise<ConnectorConfig | undefined>;

/**
 * Reads what Connect has and has it try each file. Changes nothing.
 * @throws PipelineError `connect_unreachable`, `connect_refused`
 */
export async function planConnectors(
  client: ConnectClient,
  files: readonly ConnectorFile[],
  findBefore: FindBefore = () => Promise.resolve(undefined),
): Promise<PlannedConnector[]> {
  // A worker that is just starting would say of each connector that it is not there.
  await client.ready();
  return Promise.all(files.map((file) => readAndPlan(client, file, findBefore)));
}

async function readAndPlan(
  client: ConnectClient,
  file: ConnectorFile,
  findBefore: FindBefore,
): Promise<PlannedConnector> {
  const [actual, validation] = await Promise.all([
    readActual(client, file.name),
    validateConnector(client, file),
  ]);
  const before = actual === undefined ? await findBefore(file) : undefined;
  const plan = planConnector({ file, actual, before, ...validation });
  return { plan, actual, before, defaults: validation.defaults };
}

async function readActual(client: ConnectClient, name: string): Promise<ActualConnector | undefined> {
  const config = await client.config(name);
  if (config === undefined) return undefined;
  const [status, offsets] = await Promise.all([client.status(name), client.offsets(name)]);
  return { config, status, hasOffsets: offsets.length > 0 };
}
