import { setTimeout as delay } from 'node:timers/promises';
import { PipelineError } from '../platform/errors.ts';
import { waitUntil } from '../platform/wait-until.ts';
import type { ConnectClient } from './connect-client.ts';
import { connectorChanges, type ConnectorChange, type KeyDefaults } from './connector-changes.ts';
import type { ConnectorConfig, ConnectorFile } from './connector-file.ts';
import { remedyFor } from './connector-remedy.ts';
import { failureOf, type ConnectorStatus } from './connector-status.ts';
import { waitUntilRunning, type RegistrationAction, type RunningOptions } from './wait-until-running.ts';

export type { RegistrationAction } from './wait-until-running.ts';

/** Milliseconds; a worker that is not rebalancing shows a new connector's state within a second. */
const FIRST_STATUS_MS = 15_000;

/** How it went with one connector: `problem` is undefined exactly when it runs as its file says. */
export interface Registration {
  readonly name: string;
  /** Undefined when Connect refused before anything was done. */
  readonly action: RegistrationAction | undefined;
  readonly changes: readonly ConnectorChange[];
  readonly status: ConnectorStatus | undefined;
  readonly problem: PipelineError | undefined;
}

export interface RegistrationOptions extends RunningOptions {
  /** What keys are worth where they are not set: without it each key that is left out on one side is a change. */
  readonly defaults?: KeyDefaults;
  /**
   * Judges what Connect has at the moment, which may be something else than when the change was planned: a worker that was starting did
   * not know its connectors, or somebody else was quicker. Throws a PipelineError to leave it as it is.
   */
  readonly judge?: (actual: ConnectorConfig) => void;
  /** Called before a connector's task starts or starts anew; throws a PipelineError to leave it as it is. */
  readonly beforeStart?: () => Promise<void>;
}

/** How far it has come, for whoever tells of a failure. */
interface Progress {
  action: RegistrationAction | undefined;
  changes: readonly ConnectorChange[];
}

/** Brings Kafka Connect to what the files say, all connectors at the same time. One that fails does not keep the others from it. */
export async function registerConnectors(
  client: ConnectClient,
  files: readonly ConnectorFile[],
  options: RegistrationOptions = {},
): Promise<Registration[]> {
  return Promise.all(files.map((file) => registerConnector(client, file, options)));
}

/**
 * Creates the connector, updates it where its config differs, restarts it where it FAILED, or leaves it, and waits until it and
 * its task are RUNNING. Never throws a PipelineError: it is the result's `problem`.
 * Dying between two of its steps leaves a connector that the next call brings to the same end.
 */
export async function registerConnector(
  client: ConnectClient,
  file: ConnectorFile,
  options: RegistrationOptions = {},
): Promise<Registration> {
  const progress: Progress = { action: undefined, changes: [] };
  try {
    const action = await bringToFile(client, file, options, progress);
    const status = await waitUntilRunning(client, file.name, action, options);
    return { name: file.name, ...progress, status, problem: undefined };
  } catch (error) {
    if (!(error instanceof PipelineError)) throw error;
    const status =
      error.code === 'connect_unreachable' ? undefined : await statusOrNothing(client, file.name);
    return { name: file.name, ...progress, status, problem: withRemedy(file.name, error) };
  }
}

async function bringToFile(
  client: ConnectClient,
  file: ConnectorFile,
  options: RegistrationOptions,
  progress: Progress,
): Promise<RegistrationAction> {
  const { name } = file;
  const actual = await createOrRead(client, file);
  if (actual === undefined) return start(client, name, options, progress, 'created');
  options.judge?.(actual);
  progress.changes = connectorChanges(file.config, actual, options.defaults);
  const isChanged = progress.changes.length > 0;
  // Asked first: a connector that somebody holds back must not be changed under their hands.
  if (await hasNeverStarted(client, name)) {
    if (isChanged) await client.updateConfig(name, file.config);
    return start(client, name, options, progress, isChanged ? 'updated' : 'created');
  }
  if (isChanged) {
    await options.beforeStart?.();
    // One step for Connect: whoever dies after it has updated the connector, whoever dies before it has changed nothing.
    await client.updateConfig(name, file.config);
    return (progress.action = 'updated');
  }
  const status = await client.status(name);
  if (status === undefined || failureOf(status) === undefined) return (progress.action = 'unchanged');
  await options.beforeStart?.();
  await client.restartFailed(name);
  return (progress.action = 'restarted');
}

/** The config of a connector that is there already, or undefined after creating it. */
async function createOrRead(
  client: ConnectClient,
  file: ConnectorFile,
): Promise<ConnectorConfig | undefined> {
  const actual = await client.config(file.name);
  if (actual !== undefined) return actual;
  // STOPPED: whoever looks in between sees a connector that has not begun. Dying here leaves it so for the next call to resume.
  if (await client.createStopped(file.name, file.config)) return undefined;
  return waitUntil(() => client.config(file.name), {
    timeoutMs: 30_000,
    what: `Connect to read ${file.name}`,
  });
}

async function start(
  client: ConnectClient,
  name: string,
  options: RegistrationOptions,
  progress: Progress,
  action: RegistrationAction,
): Promise<RegistrationAction> {
  progress.action = action;
  await options.beforeStart?.();
  await client.resume(name);
  return action;
}

/**
 * A STOPPED connector without offsets is one whose creator died before resuming it. One with offsets was stopped by somebody,
 * who may be moving its slot or its offsets right now: resuming it could lose events, so that stays their decision.
 * @throws PipelineError `connector_failed` for one that somebody holds back
 */
async function hasNeverStarted(client: ConnectClient, name: string): Promise<boolean> {
  const status = await firstStatus(client, name);
  if (status?.connector.state === 'PAUSED') throw heldBack(name, 'PAUSED');
  if (status?.connector.state !== 'STOPPED') return false;
  if ((await client.offsets(name)).length > 0) throw heldBack(name, 'STOPPED');
  return true;
}

/** Connect has a connector's config before it says in which state it is: asked too early, a STOPPED one would be left as it is. */
async function firstStatus(client: ConnectClient, name: string): Promise<ConnectorStatus | undefined> {
  const deadline = Date.now() + FIRST_STATUS_MS;
  for (;;) {
    const status = await client.status(name);
    if (status !== undefined && status.connector.state !== 'UNASSIGNED') return status;
    // No worker has it. Whoever waits for it to run says so.
    if (Date.now() >= deadline) return status;
    await delay(50);
  }
}

export function heldBack(name: string, state: string): PipelineError {
  return new PipelineError(
    'connector_failed',
    `${name} is ${state}: somebody told it to, so it was not resumed.`,
    {
      remedy: `When its slot and its offsets are as they should be: npx outbox connectors resume ${name}`,
    },
  );
}

/** Connect refuses a config after trying it on the database, so its words deserve the same remedies as a task's. */
export function withRemedy(name: string, error: PipelineError): PipelineError {
  if (error.code !== 'connect_refused' || error.message.startsWith(`${name}: `)) return error;
  return new PipelineError(error.code, `${name}: ${error.message}`, {
    remedy: remedyFor(error.message),
    cause: error,
  });
}

async function statusOrNothing(client: ConnectClient, name: string): Promise<ConnectorStatus | undefined> {
  try {
    return await client.status(name);
  } catch {
    // The failure that brought us here is the one to tell.
    return undefined;
  }
}
