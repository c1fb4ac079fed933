/** What a process serves under one name. */
export interface ScrapedMetric {
  readonly type: string;
  readonly samples: readonly { readonly labels: Readonly<Record<string, string>>; readonly value: number }[];
}

/** The metrics of a process by name, as Prometheus would read them. */
export async function scrape(url: string): Promise<ReadonlyMap<string, ScrapedMetric>> {
  const answer = await fetch(`${url}/metrics`);
  if (!answer.ok) throw new Error(`${url}/metrics answers with status ${answer.status}`);
  const text = await answer.text();
  return new Map(
    [...text.matchAll(/^# TYPE (\w+) (\w+)$/gm)].map(([, name = '', type = '']) => [
      name,
      { type, samples: samplesOf(text, name, type) },
    ]),
  );
}

function samplesOf(text: string, name: string, type: string): ScrapedMetric['samples'] {
  const ends = type === 'histogram' ? '(?:_bucket|_sum|_count)' : '';
  return [...text.matchAll(new RegExp(`^${name}${ends}(?:\\{(.*)\\})? (\\S+)$`, 'gm'))].map(
    ([, labels = '', value]) => ({
      labels: Object.fromEntries(
        [...labels.matchAll(/(\w+)="((?:[^"\\]|\\.)*)"/g)].map(([, label = '', said = '']) => [label, said]),
      ),
      value: Number(value),
    }),
  );
}
