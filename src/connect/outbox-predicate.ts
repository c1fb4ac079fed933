import type { ConnectorConfig } from './connector-file.ts';

/** Like Java's `matches`; false for a pattern that JavaScript can't read. */
export function matchesWhole(pattern: string, text: string): boolean {
  try {
    return new RegExp(`^(?:${pattern})$`).test(text);
  } catch {
    return false;
  }
}

/**
 * The sentence for an outbox router whose predicate lets none of the connector's tables through: its rows would go to topics that do
 * not exist, and the connector would wait for those for ever.
 */
export function misfitOfPredicate(config: ConnectorConfig): { key: string; message: string } | undefined {
  const predicate = config['transforms.outbox.predicate'];
  if (predicate === undefined || config['transforms.outbox.negate'] === 'true') return undefined;
  const key = `predicates.${predicate}.pattern`;
  const pattern = config[key];
  const tables = (config['table.include.list'] ?? '').split(',').map((table) => table.trim());
  const names = tables.map((table) => `${config['topic.prefix'] ?? ''}.${table}`);
  if (pattern === undefined || names.some((name) => matchesWhole(pattern, name))) return undefined;
  return {
    key,
    message: `"${pattern}" does not fit ${names.join(' or ')}, the name of the outbox's records: topic.prefix.table`,
  };
}
