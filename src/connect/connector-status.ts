import { z } from 'zod';

const partSchema = z.object({
  state: z.string(),
  worker_id: z.string(),
  trace: z.string().optional(),
});

/** What `GET /connectors/{name}/status` answers. */
export const connectorStatusSchema = z.object({
  name: z.string(),
  connector: partSchema,
  tasks: z.array(partSchema.extend({ id: z.number().int() })),
});

export type ConnectorStatus = z.infer<typeof connectorStatusSchema>;

/** One line of a status table: the connector itself, or one of its tasks. */
export interface StatusRow {
  readonly connector: string;
  readonly part: string;
  /** RUNNING, FAILED, PAUSED, STOPPED, UNASSIGNED, RESTARTING; MISSING when Connect has no such connector or task. */
  readonly state: string;
  readonly worker: string;
  /** What a failed part said first, and what caused it. */
  readonly problem: string | undefined;
}

/** A connector runs when it has at least one task and all of it is RUNNING. That it also moves events is the probe's business. */
export function isRunning(status: ConnectorStatus): boolean {
  return (
    status.tasks.length > 0 && [status.connector, ...status.tasks].every((part) => part.state === 'RUNNING')
  );
}

/** The first failed part's words, or undefined when nothing failed. */
export function failureOf(status: ConnectorStatus): { part: string; reason: string } | undefined {
  const row = statusRows(status.name, status).find((candidate) => candidate.state === 'FAILED');
  return row && { part: row.part, reason: row.problem ?? 'Connect gives no reason' };
}

/** `status` undefined: Connect does not know the connector. Always at least two rows, so that a missing task shows. */
export function statusRows(name: string, status: ConnectorStatus | undefined): StatusRow[] {
  if (status === undefined)
    return [{ connector: name, part: 'connector', state: 'MISSING', worker: '-', problem: undefined }];
  const parts = [
    { part: 'connector', ...status.connector },
    ...status.tasks.map((task) => ({ part: `task ${task.id}`, ...task })),
  ];
  const rows = parts.map(({ part, state, worker_id: worker, trace }) => ({
    connector: name,
    part,
    state,
    worker,
    problem: state === 'FAILED' && trace !== undefined ? traceSummary(trace) : undefined,
  }));
  const missingTask = { connector: name, part: 'task 0', state: 'MISSING', worker: '-', problem: undefined };
  return status.tasks.length === 0 && status.connector.state === 'RUNNING' ? [...rows, missingTask] : rows;
}

/**
 * A stack trace in one line: its first line and, where there is one, the last cause.
 * Debezium's first line alone is often only "An exception occurred in the change event producer".
 */
export function traceSummary(trace: string): string {
  const lines = trace.split('\n').map((line) => line.trim());
  const first = withoutPackage(lines.find((line) => line !== '') ?? '');
  const cause = lines.findLast((line) => line.startsWith('Caused by: '));
  const root = cause === undefined ? '' : withoutPackage(cause.slice('Caused by: '.length));
  return root === '' || first.includes(root) ? first : `${first} Caused by ${root}`;
}

function withoutPackage(line: string): string {
  return line.replace(/^(?:[a-z_]\w*\.)+(?=[A-Z])/, '');
}
