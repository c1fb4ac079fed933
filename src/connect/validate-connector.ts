import { distance } from 'fastest-levenshtein';
import type { ConnectClient, KeyVerdict } from './connect-client.ts';
import { maskedValue, type KeyDefaults } from './connector-changes.ts';
import type { ConnectorConfig, ConnectorFile } from './connector-file.ts';
import { misfitOfPredicate } from './outbox-predicate.ts';
import { wrongReferences } from './secret-references.ts';
import { isUnderstood, undeclaredDefaults, undeclaredExamples } from './undeclared-keys.ts';

/** Why a connector's file must not reach Connect as it is. */
export interface KeyProblem {
  readonly key: string;
  /** Without the key, e.g. `is not a number`. */
  readonly message: string;
  /** For an unknown key: the known one that looks most like it. */
  readonly nearest?: string;
}

export interface Validation {
  readonly problems: readonly KeyProblem[];
  readonly defaults: KeyDefaults;
}

/**
 * Has Connect try the config, on the real database, without creating anything, and looks for what Connect lets pass.
 * @throws PipelineError `connect_unreachable`, `connect_refused` (it has no such plugin)
 */
export async function validateConnector(client: ConnectClient, file: ConnectorFile): Promise<Validation> {
  // Not even sent: Connect would answer with the values that it filled in.
  const wrong = wrongReferences(file.config);
  if (wrong.length > 0) return { problems: wrong, defaults: keyDefaults([]) };
  const verdicts = await client.validate({ ...file.config, name: file.name });
  return { problems: keyProblems(file.config, verdicts), defaults: keyDefaults(verdicts) };
}

/** Sorted by key: what Connect says, keys that nobody knows, and a router that no row of the outbox would reach. */
export function keyProblems(config: ConnectorConfig, verdicts: readonly KeyVerdict[]): KeyProblem[] {
  const refused = verdicts.flatMap(({ key, errors }) =>
    errors.map((message) => ({ key, message: withoutKey(key, message, config[key]) })),
  );
  const declared = new Set(verdicts.filter((verdict) => verdict.declared).map(({ key }) => key));
  const unknown = Object.keys(config)
    .filter((key) => key !== 'name' && !declared.has(key) && !isUnderstood(key, config))
    .filter((key) => !refused.some((problem) => problem.key === key))
    .map((key) => unknownKey(key, [...declared, ...undeclaredExamples]));
  const misfit = misfitOfPredicate(config);
  return [...refused, ...unknown, ...(misfit === undefined ? [] : [misfit])].sort((one, other) =>
    one.key < other.key ? -1 : 1,
  );
}

function unknownKey(key: string, known: readonly string[]): KeyProblem {
  const nearest = nearestKey(key, known);
  return {
    key,
    message: 'is known to no plugin of this connector, which would ignore it without a word',
    ...(nearest !== undefined && { nearest }),
  };
}

/** Undefined when nothing looks like it: a far-fetched proposal is worse than none. */
export function nearestKey(key: string, known: readonly string[]): string | undefined {
  const [best] = known
    .map((candidate) => ({ candidate, away: distance(key, candidate) }))
    .sort((one, other) => one.away - other.away);
  return best !== undefined && best.away <= Math.max(2, key.length / 3) ? best.candidate : undefined;
}

/**
 * Connect tells the producer's own defaults, but itself gives producers others (`enable.idempotence=false`): for those keys a default
 * is not to be had.
 */
function keyDefaults(verdicts: readonly KeyVerdict[]): KeyDefaults {
  const told = verdicts
    .filter(({ key }) => !/^(?:producer|consumer|admin)\.override\./.test(key))
    .flatMap(({ key, defaultValue }) => (defaultValue === undefined ? [] : [[key, defaultValue] as const]));
  return new Map([...undeclaredDefaults, ...told]);
}

/**
 * Connect begins with "The 'slot.name' value is invalid: " or "Invalid value x for configuration y: ". The value is told as it stands in
 * the config: Connect tells what it has filled in for a reference.
 */
function withoutKey(key: string, message: string, value: string | undefined): string {
  return message
    .replace(`The '${key}' value is invalid: `, '')
    .replace(/^Invalid value (.*?) for configuration [^:]*: /s, (_, told: string) =>
      value === undefined ? '' : `"${value.includes('${') ? value : maskedValue(key, told)}": `,
    )
    .replace('Error while validating connector config: ', '')
    .replace(/\.$/, '');
}
