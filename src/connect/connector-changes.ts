import { isSecretKey, isSecretReference, type ConnectorConfig } from './connector-file.ts';

/** One setting that differs between what is wanted and what Kafka Connect has; `undefined` is "not set". */
export interface ConnectorChange {
  readonly key: string;
  readonly from: string | undefined;
  readonly to: string | undefined;
}

/** What would have to change, sorted by key. Connect adds `name` to a config by itself, so that key never counts. */
export function connectorChanges(wanted: ConnectorConfig, actual: ConnectorConfig): ConnectorChange[] {
  const keys = new Set([...Object.keys(wanted), ...Object.keys(actual)]);
  keys.delete('name');
  return [...keys]
    .filter((key) => wanted[key] !== actual[key])
    .sort()
    .map((key) => ({ key, from: actual[key], to: wanted[key] }));
}

/** `poll.interval.ms 5 → 10`; a value that may be a secret is never shown. */
export function describeChange(change: ConnectorChange): string {
  return `${change.key} ${shown(change.key, change.from)} → ${shown(change.key, change.to)}`;
}

function shown(key: string, value: string | undefined): string {
  if (value === undefined) return '(not set)';
  if (isSecretKey(key) && !isSecretReference(value)) return '(hidden)';
  return value.length > 60 ? `${value.slice(0, 59)}…` : value;
}
