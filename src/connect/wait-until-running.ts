import { setTimeout as delay } from 'node:timers/promises';
import { PipelineError } from '../platform/errors.ts';
import type { ConnectClient } from './connect-client.ts';
import { remedyFor } from './connector-remedy.ts';
import { failureOf, isRunning, type ConnectorStatus } from './connector-status.ts';

/** `restarted`: the config was right already, but the connector or its task had FAILED. */
export type RegistrationAction = 'created' | 'updated' | 'restarted' | 'unchanged';

export interface RunningOptions {
  /** Milliseconds for a connector and its task to be RUNNING; 60 s unless given. */
  readonly timeoutMs?: number;
  /**
   * Milliseconds for which a changed connector must stay RUNNING or FAILED to be believed, 1 s unless given: a new task that can't
   * stream fails only after it has been RUNNING.
   */
  readonly settleMs?: number;
  /**
   * Whether the task has begun to read, true unless given: on a busy machine one that is RUNNING gets to the log seconds later, and
   * what stops it can only come after that.
   */
  readonly isReading?: () => Promise<boolean>;
}

/**
 * After a change Connect goes on showing the old task's state until that one has stopped, which takes seconds on a busy machine.
 * So a state is believed when it came after another one and stayed for `settleMs`, or, where no other one was seen, much longer.
 * What had FAILED is looked at longer too: an event that Kafka refuses stops a task only seconds after it has been RUNNING again.
 */
const DOUBTFUL = 6;

/**
 * Waits until connector and task are RUNNING and stay so.
 * @throws PipelineError `connector_failed`, with what failed and what usually helps
 */
export async function waitUntilRunning(
  client: ConnectClient,
  name: string,
  action: RegistrationAction,
  options: RunningOptions,
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
    const runs = status !== undefined && isRunning(status) && ((await options.isReading?.()) ?? true);
    const now = failure ? 'failed' : runs ? 'running' : 'on the way';
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
    `${name} did not run within ${timeoutMs / 1000} s: connector ${status?.connector.state ?? 'unknown'}, task ${task}${status !== undefined && isRunning(status) ? ', but its slot is not read yet' : ''}.`,
    {
      remedy:
        "Look into the Connect worker's log; a worker that is overloaded or just starting may only need longer.",
    },
  );
}

function sentence(text: string): string {
  return /[.!?]$/.test(text) ? text : `${text}.`;
}
