import { readFileSync } from 'node:fs';

/** A row of docs/metrics.md. */
export interface DocumentedMetric {
  readonly name: string;
  readonly type: string;
  readonly labels: readonly string[];
  readonly toldBy: readonly string[];
}

export const processes = ['orders', 'inventory', 'sales', 'dashboard', 'audit'] as const;

export function documentedMetrics(): DocumentedMetric[] {
  const text = readFileSync(new URL('../../docs/metrics.md', import.meta.url), 'utf8');
  return [...text.matchAll(/^\| `(\w+)` \| (\w+) \| ([^|]*) \| ([^|]*) \| .+ \|$/gm)].map(
    ([, name = '', type = '', labels = '', by = '']) => ({
      name,
      type,
      labels: labels === 'none' ? [] : labels.split(', ').map((label) => label.replaceAll('`', '')),
      toldBy: by === 'all' ? processes : by.split(', '),
    }),
  );
}
