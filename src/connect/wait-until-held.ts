import { PipelineError } from '../platform/errors.ts';
import { waitUntil } from '../platform/wait-until.ts';
import type { ConnectClient } from './connect-client.ts';
import type { ConnectorStatus } from './connector-status.ts';

export type HeldState = 'PAUSED' | 'STOPPED';

/**
 * Waits until the connector and its tasks are PAUSED, or it is STOPPED and its tasks have ended.
 * @throws PipelineError `connector_failed`: not in time, or a task that had FAILED before, which pausing leaves as it is
 */
export async function waitUntilHeld(
  client: ConnectClient,
  name: string,
  wanted: HeldState,
  options: { timeoutMs: number },
): Promise<ConnectorStatus> {
  let last: ConnectorStatus | undefined;
  const reached = await waitUntil(
    async () => {
      last = await client.status(name);
      return last !== undefined && isHeld(last, wanted) && last;
    },
    { timeoutMs: options.timeoutMs, what: `${name} to be ${wanted}` },
  ).catch((error: unknown) => {
    if (error instanceof PipelineError && error.code === 'deadline_passed' && error.cause === undefined)
      throw notInTime(name, wanted, options.timeoutMs, last);
    throw error;
  });
  const failed = reached.tasks.find(({ state }) => state === 'FAILED');
  if (failed === undefined) return reached;
  throw new PipelineError(
    'connector_failed',
    `${name} is ${wanted}, but task ${failed.id} had FAILED and stays so.`,
    {
      remedy: `When it is to go on: npx outbox connectors resume ${name}, then npx outbox connectors restart ${name} --failed.`,
    },
  );
}

/** A task that FAILED does nothing either. */
export function isHeld(status: ConnectorStatus, wanted: HeldState): boolean {
  if (status.connector.state !== wanted) return false;
  if (wanted === 'STOPPED') return status.tasks.length === 0;
  return status.tasks.every(({ state }) => state === 'PAUSED' || state === 'FAILED');
}

function notInTime(
  name: string,
  wanted: HeldState,
  timeoutMs: number,
  status: ConnectorStatus | undefined,
): PipelineError {
  const tasks = status?.tasks.map(({ id, state }) => `, task ${id} ${state}`).join('') ?? '';
  return new PipelineError(
    'connector_failed',
    `${name} was not ${wanted} within ${timeoutMs / 1000} s: connector ${status?.connector.state ?? 'unknown'}${tasks}.`,
    { remedy: "Connect has been told and may only need longer; the worker's log says what it waits for." },
  );
}
