import { z } from 'zod';

/** What the worker's status topic tells of a connector or a task beyond its present state, which is all that REST tells. */
export interface PartHistory {
  readonly state: string;
  /** When it came into its present state, or was started anew in it. */
  readonly since: Date;
  /** How often it has been started again since `knownFrom`. Resuming a paused one is no restart. */
  readonly restarts: number;
  /** Of the oldest record that the topic still has: it is compacted, so what was before is forgotten sooner or later. */
  readonly knownFrom: Date;
}

/** A record of the status topic, as Kafka gives it. */
export interface StatusRecord {
  readonly key: Buffer | null;
  readonly value: Buffer | null;
  /** Milliseconds since 1970. */
  readonly timestamp: number;
}

/** By `partKey`. */
export type ConnectorHistories = ReadonlyMap<string, PartHistory>;

const valueSchema = z.object({ state: z.string() });

/** `part` as in a row of the status table: `connector`, or `task 0`. */
export function partKey(connector: string, part: string): string {
  return `${connector} ${part}`;
}

/** @param records of the whole topic, those of one key in the order of the log */
export function connectorHistories(records: readonly StatusRecord[]): ConnectorHistories {
  const histories = new Map<string, PartHistory>();
  for (const record of records) addStatusRecord(histories, record);
  return histories;
}

/** For whoever goes on reading the topic. */
export function addStatusRecord(histories: Map<string, PartHistory>, record: StatusRecord): void {
  const key = keyOf(record.key?.toString('utf8') ?? '');
  if (key === undefined) return;
  const next = nextHistory(histories.get(key), record);
  if (next === undefined) histories.delete(key);
  else histories.set(key, next);
}

/** The topic also has records of the topics that a connector writes to; those are not ours. */
function keyOf(text: string): string | undefined {
  const connector = /^status-connector-(.+)$/.exec(text)?.[1];
  if (connector !== undefined) return partKey(connector, 'connector');
  const [, name, task] = /^status-task-(.+)-(\d+)$/.exec(text) ?? [];
  return name === undefined || task === undefined ? undefined : partKey(name, `task ${task}`);
}

/** A value that can't be read is passed over; one that is empty says that the connector was deleted. */
function nextHistory(before: PartHistory | undefined, record: StatusRecord): PartHistory | undefined {
  if (record.value === null) return undefined;
  const state = stateOf(record.value);
  if (state === undefined) return before;
  const at = new Date(record.timestamp);
  if (before === undefined) return { state, since: at, restarts: 0, knownFrom: at };
  const resumed = before.state === 'PAUSED' || before.state === 'STOPPED';
  const restarted = state === 'RUNNING' && !resumed;
  return {
    state,
    since: state === before.state && !restarted ? before.since : at,
    restarts: before.restarts + (restarted ? 1 : 0),
    knownFrom: before.knownFrom,
  };
}

function stateOf(value: Buffer): string | undefined {
  try {
    return valueSchema.safeParse(JSON.parse(value.toString('utf8'))).data?.state;
  } catch {
    return undefined;
  }
}
