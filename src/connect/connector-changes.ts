import { maskSecrets } from '../platform/mask-secrets.ts';
import { isSecretKey, isSecretReference, type ConnectorConfig } from './connector-file.ts';

/** One setting that differs between what is wanted and what Kafka Connect has; `undefined` is "not set". */
export interface ConnectorChange {
  readonly key: string;
  readonly from: string | undefined;
  readonly to: string | undefined;
}

/** The value that a key has where it is not set, as far as the plugin tells. */
export type KeyDefaults = ReadonlyMap<string, string>;

/** Comma lists whose order means nothing. `transforms` is none of them. */
const SETS =
  /^(?:(?:table|schema|column|database|message\.prefix)\.(?:include|exclude)\.list|skipped\.operations|predicates|snapshot\.select\.statement\.overrides|snapshot\.include\.collection\.list|transforms\.[^.]+\.table\.fields\.additional\.placement)$/;

/**
 * What would have to change, sorted by key. Connect adds `name` to a config by itself, so that key never counts; neither does a key
 * that has its default on one side and is not set on the other, or a set in another order.
 */
export function connectorChanges(
  wanted: ConnectorConfig,
  actual: ConnectorConfig,
  defaults: KeyDefaults = new Map(),
): ConnectorChange[] {
  const keys = new Set([...Object.keys(wanted), ...Object.keys(actual)]);
  keys.delete('name');
  return [...keys]
    .filter((key) => meaning(key, wanted[key], defaults) !== meaning(key, actual[key], defaults))
    .sort()
    .map((key) => ({ key, from: actual[key], to: wanted[key] }));
}

/** Kafka trims values; what is left out means the default. */
function meaning(key: string, value: string | undefined, defaults: KeyDefaults): string | undefined {
  const text = (value ?? defaults.get(key))?.trim();
  if (text === undefined || !SETS.test(key)) return text;
  return [...new Set(text.split(',').map((entry) => entry.trim()))].sort().join(',');
}

/** `poll.interval.ms 5 → 10`; a value that may be a secret is never shown. */
export function describeChange(change: ConnectorChange): string {
  return `${change.key} ${shownValue(change.key, change.from)} → ${shownValue(change.key, change.to)}`;
}

/** A value for a person: cut where it is long, hidden where it may be a secret. */
export function shownValue(key: string, value: string | undefined, length = 60): string {
  if (value === undefined) return '(not set)';
  const text = maskedValue(key, value);
  return text.length > length ? `${text.slice(0, length - 1)}…` : text;
}

/** The whole value, unless it may be a secret; without what looks like one in it. */
export function maskedValue(key: string, value: string): string {
  return isSecretKey(key) && !isSecretReference(value) ? '(hidden)' : maskSecrets(value, []);
}
