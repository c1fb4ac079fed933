import type { ConnectClient } from '../../connect/connect-client.ts';
import { failureOf, type ConnectorStatus } from '../../connect/connector-status.ts';
import { waitUntilHeld } from '../../connect/wait-until-held.ts';
import { waitUntilRunning } from '../../connect/wait-until-running.ts';
import { PipelineError } from '../../platform/errors.ts';
import { isSlotRead } from '../diagnose/is-slot-read.ts';
import { refuseLosingEvents } from '../diagnose/refuse-losing-events.ts';
import type { OperatedConnector } from '../operated-pipeline.ts';

export interface StateOptions {
  /** Milliseconds until it must be so. */
  readonly timeoutMs: number;
  /** Without comparing slot, stored offset, publication and server. */
  readonly force?: boolean;
}

export interface RestartOptions extends StateOptions {
  /** Only what has FAILED; nothing where nothing has. */
  readonly failedOnly?: boolean;
  /** Only this task. */
  readonly task?: number;
}

/**
 * Lets it do nothing until it is resumed; it keeps its slot, for which Postgres keeps the log meanwhile.
 * @throws PipelineError `connector_failed`; what Connect says
 */
export async function pauseConnector(
  connect: ConnectClient,
  { file: { name } }: OperatedConnector,
  { timeoutMs }: Pick<StateOptions, 'timeoutMs'>,
): Promise<ConnectorStatus> {
  await connect.pause(name);
  return waitUntilHeld(connect, name, 'PAUSED', { timeoutMs });
}

/**
 * Lets a paused or stopped one go on, unless that would lose events.
 * @throws PipelineError `connector_dangerous`, `connector_failed`; what Connect or Postgres says
 */
export async function resumeConnector(
  connect: ConnectClient,
  connector: OperatedConnector,
  { timeoutMs, force = false }: StateOptions,
): Promise<ConnectorStatus> {
  const { name } = connector.file;
  if (!force) await refuseLosingEvents(connector, connect, { verb: 'resume' });
  await connect.resume(name);
  return waitUntilRunning(connect, name, 'created', { timeoutMs });
}

/**
 * Starts it again with its tasks, unless that would lose events.
 * @throws PipelineError `connector_dangerous`, `connector_failed` (also for one that is held back), `usage_invalid` for a task that
 * it has not; what Connect or Postgres says
 */
export async function restartConnector(
  connect: ConnectClient,
  connector: OperatedConnector,
  { timeoutMs, force = false, failedOnly = false, task }: RestartOptions,
): Promise<ConnectorStatus> {
  const { name } = connector.file;
  const before = await connect.status(name);
  if (before === undefined || before.connector.state === 'STOPPED' || before.connector.state === 'PAUSED')
    throw heldBack(name, before?.connector.state ?? 'unknown');
  if (failedOnly && failureOf(before) === undefined) return before;
  if (task !== undefined && !before.tasks.some(({ id }) => id === task))
    throw new PipelineError('usage_invalid', `${name} has no task ${task}.`, {
      remedy: `It has: ${before.tasks.map(({ id }) => id).join(', ') || 'none'}.`,
    });
  if (!force) await refuseLosingEvents(connector, connect, { verb: 'restart' });
  if (failedOnly) await connect.restartFailed(name);
  else if (task !== undefined) await connect.restartTask(name, task);
  else await connect.restart(name);
  return waitUntilRunning(connect, name, 'restarted', {
    timeoutMs,
    ...(!force && { isReading: () => isSlotRead(connector) }),
  });
}

function heldBack(name: string, state: string): PipelineError {
  return new PipelineError('connector_failed', `${name} is ${state}: there is nothing to restart.`, {
    remedy: `Let it go on: npx outbox connectors resume ${name}.`,
  });
}
