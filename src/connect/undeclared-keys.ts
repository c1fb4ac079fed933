import type { ConnectorConfig } from './connector-file.ts';

interface UndeclaredKey {
  readonly key: RegExp;
  /** How a person would write it, for the nearest known key of a typo. */
  readonly example?: string;
  readonly defaultValue?: string;
}

/**
 * Keys that work although `config/validate` does not declare them, tried with Debezium 3.7.0 on Connect 4.3.1 or read in its
 * documentation. Whatever else Connect does not declare is taken for a typo: Debezium ignores it without a word.
 */
const undeclared: readonly UndeclaredKey[] = [
  {
    key: /^offset\.mismatch\.strategy$/,
    example: 'offset.mismatch.strategy',
    defaultValue: 'no_validation',
  },
  {
    key: /^topic\.heartbeat\.prefix$/,
    example: 'topic.heartbeat.prefix',
    defaultValue: '__debezium-heartbeat',
  },
  { key: /^topic\.delimiter$/, example: 'topic.delimiter', defaultValue: '.' },
  { key: /^topic\.transaction$/, example: 'topic.transaction', defaultValue: 'transaction' },
  { key: /^topic\.cache\.size$/, example: 'topic.cache.size' },
  // One key a table: <schema>.<table>.
  { key: /^snapshot\.select\.statement\.overrides\.[^.]+\.[^.]+$/ },
  { key: /^column\.mask\.hash\.(?:v2\.)?[^.]+\.with\.salt\..+$/ },
  { key: /^column\.(?:mask\.with|truncate\.to)\.\d+\.chars$/ },
  // What stands behind it is for the converter that the converter uses, for the JDBC driver, or for the signal channel's consumer.
  { key: /^(?:key|value|header)\.converter\.delegate\.converter\.type\..+$/ },
  { key: /^driver\..+$/ },
  { key: /^signal\.(?:kafka|consumer)\..+$/ },
  { key: /^signal\.file$/, example: 'signal.file' },
  { key: /^topic\.creation\.[^.]+\.(?:include|exclude|partitions|replication\.factor)$/ },
  // Topic settings of a group are Kafka's.
  { key: /^topic\.creation\.[^.]+\.(?:cleanup|compression|retention|segment|min|max)\..+$/ },
  // Debezium's undocumented ones: whoever writes such a key means it.
  { key: /^internal\..+$/ },
];

/** Undeclared or not, the key means something to a plugin of this config. */
export function isUnderstood(key: string, config: ConnectorConfig): boolean {
  if (undeclared.some((known) => known.key.test(key))) return true;
  // `converters=isbn` makes `isbn.type` and whatever that class reads.
  const named = `${config['converters'] ?? ''},${config['post.processors'] ?? ''}`.split(',');
  return named.some((name) => name.trim() !== '' && key.startsWith(`${name.trim()}.`));
}

export const undeclaredExamples = undeclared.flatMap(({ example }) => example ?? []);

export const undeclaredDefaults: ReadonlyMap<string, string> = new Map(
  undeclared.flatMap(({ example, defaultValue }) =>
    example === undefined || defaultValue === undefined ? [] : [[example, defaultValue] as const],
  ),
);
