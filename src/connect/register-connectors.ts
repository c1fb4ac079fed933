import { setTimeout as delay } from 'node:timers/promises';
import { PipelineError } from '../platform/errors.ts';
import { waitUntil } from '../platform/wait-until.ts';
import type { ConnectClient } from './connect-client.ts';
import { connectorChanges, type ConnectorChange } from './connector-changes.ts';
import type { ConnectorConfig, ConnectorFile } from './connector-file.ts';
import { remedyFor } from './connector-remedy.ts';
import { failureOf, isRunning, type ConnectorStatus } from './connector-status.ts';

/** `restarted`: the config was right already, but the connector or its task had FAILED. */
export type RegistrationAction = 'created' | 'updated' | 'restarted' | 'unchanged';

/** How it went with one connector: `problem` is undefined exactly when it runs as its file says. */
export interface Registration {
  readonly name: string;
  /** Undefined when Connect refused before anything was done. */
  readonly action: RegistrationAction | undefined;
  readonly changes: readonly ConnectorChange[];
  readonly status: ConnectorStatus | undefined;
  readonly problem: PipelineError | undefined;
}

export interface RegistrationOptions {
  /** Milliseconds for a connector and its task to be RUNNING; 60 s unless given. */
  readonly timeoutMs?: number;
  /**
   * Milliseconds for which a changed connector must stay RUNNING or FAILED to be believed, 1 s unless given: a new task that can't
   * stream fails only after it has been RUNNING.
   */
  readonly settleMs?: number;
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
  let action: RegistrationAction | undefined;
  let changes: readonly ConnectorChange[] = [];
  try {
    const actual = await createOrRead(client, file);
    changes = actual === undefined ? [] : connectorChanges(file.config, actual);
    action = actual === undefined ? 'created' : await bringToFile(client, file, changes);
    const status = await waitUntilRunning(client, file.name, action, options);
    return { name: file.name, action, changes, status, problem: undefined };
  } catch (error) {
    if (!(error instanceof PipelineError)) throw error;
    const status =
      error.code === 'connect_unreachable' ? undefined : await statusOrNothing(client, file.name);
    return { name: file.name, action, changes, status, problem: withRemedy(file.name, error) };
  }
}

/** The config of a connector that is there already, or undefined after creating it. */
async function createOrRead(
  client: ConnectClient,
  file: ConnectorFile,
): Promise<ConnectorConfig | undefined> {
  const actual = await client.config(file.name);
  if (actual !== undefined) return actual;
  // STOPPED: whoever looks in between sees a connector that has not begun. Dying here leaves it so for the next call to resume.
  if (!(await client.createStopped(file.name, file.config))) {
    return waitUntil(() => client.config(file.name), {
      timeoutMs: 30_000,
      what: `Connect to read ${file.name}`,
    });
  }
  await client.resume(file.name);
  return undefined;
}

async function bringToFile(
  client: ConnectClient,
  file: ConnectorFile,
  changes: readonly ConnectorChange[],
): Promise<RegistrationAction> {
  // Asked first: a connector that somebody holds back must not be changed under their hands.
  const resumed = await resumeIfNeverStarted(client, file.name);
  // One step for Connect: whoever dies after it has updated the connector, whoever dies before it has changed nothing.
  if (changes.length > 0) await client.updateConfig(file.name, file.config);
  const status = await client.status(file.name);
  if (changes.length > 0) return 'updated';
  if (status === undefined || failureOf(status) === undefined) return resumed ? 'created' : 'unchanged';
  await client.restartFailed(file.name);
  return 'restarted';
}

/**
 * A STOPPED connector without offsets is one whose creator died before resuming it. One with offsets was stopped by somebody,
 * who may be moving its slot or its offsets right now: resuming it could lose events, so that stays their decision.
 */
async function resumeIfNeverStarted(client: ConnectClient, name: string): Promise<boolean> {
  const status = await client.status(name);
  if (status?.connector.state === 'PAUSED') throw heldBack(client, name, 'PAUSED');
  if (status?.connector.state !== 'STOPPED') return false;
  if ((await client.offsets(name)).length > 0) throw heldBack(client, name, 'STOPPED');
  await client.resume(name);
  return true;
}

function heldBack(client: ConnectClient, name: string, state: string): PipelineError {
  return new PipelineError(
    'connector_failed',
    `${name} is ${state}: somebody told it to, so it was not resumed.`,
    {
      remedy: `When its slot and its offsets are as they should be: curl -X PUT ${client.url}/connectors/${name}/resume`,
    },
  );
}

/**
 * After a change Connect goes on showing the old task's state until that one has stopped, which takes seconds on a busy machine.
 * So a state is believed when it came after another one and stayed for `settleMs`, or, where no other one was seen, much longer.
 * What had FAILED is looked at longer too: an event that Kafka refuses stops a task only seconds after it has been RUNNING again.
 */
const DOUBTFUL = 6;

async function waitUntilRunning(
  client: ConnectClient,
  name: string,
  action: RegistrationAction,
  options: RegistrationOptions,
): Promise<ConnectorStatus> {
  const timeoutMs = options.timeoutMs ?? 60_000;
  const settleMs = action === 'unchanged' ? 0 : (options.settleMs ?? 1_000);
  const startedAt = Date.now();
  let since = startedAt;
  let before: string | undefined;
  let doubtful = action === 'updated' || action === 'restarted';
  for (;;) {
    const status = await client.status(name);
    const failure = status && failureOf(status);
    const now = failure ? 'failed' : status && isRunning(status) ? 'running' : 'on the way';
    if (now !== before) since = Date.now();
    if (before !== undefined && now !== before) doubtful = action === 'restarted' && now === 'running';
    before = now;
    const settled = Date.now() - since >= (doubtful ? DOUBTFUL * settleMs : settleMs);
    if (settled && failure) throw failed(name, failure);
    if (settled && status && now === 'running') return status;
    if (Date.now() - startedAt >= timeoutMs) throw notInTime(name, timeoutMs, status);
    await delay(50);
  }
}

function failed(name: string, failure: { part: string; reason: string }): PipelineError {
  return new PipelineError(
    'connector_failed',
    `${name}: ${failure.part} FAILED: ${sentence(failure.reason)}`,
    {
      remedy: remedyFor(failure.reason),
    },
  );
}

function notInTime(name: string, timeoutMs: number, status: ConnectorStatus | undefined): PipelineError {
  const task = status?.tasks[0]?.state ?? 'not there yet';
  return new PipelineError(
    'connector_failed',
    `${name} did not run within ${timeoutMs / 1000} s: connector ${status?.connector.state ?? 'unknown'}, task ${task}.`,
    {
      remedy:
        "Look into the Connect worker's log; a worker that is overloaded or just starting may only need longer.",
    },
  );
}

function sentence(text: string): string {
  return /[.!?]$/.test(text) ? text : `${text}.`;
}

/** Connect refuses a config after trying it on the database, so its words deserve the same remedies as a task's. */
function withRemedy(name: string, error: PipelineError): PipelineError {
  if (error.code !== 'connect_refused') return error;
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
