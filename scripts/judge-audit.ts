import { z } from 'zod';

export type AuditVerdict =
  | { readonly kind: 'clean'; readonly line: string }
  | { readonly kind: 'vulnerable'; readonly line: string }
  | { readonly kind: 'not-checked'; readonly line: string }
  | { readonly kind: 'failed'; readonly line: string };

const report = z.object({
  vulnerabilities: z.record(
    z.string(),
    z.object({
      severity: z.enum(['info', 'low', 'moderate', 'high', 'critical']),
      range: z.string(),
      fixAvailable: z.union([z.boolean(), z.object({ name: z.string(), version: z.string() })]),
      via: z.array(z.union([z.string(), z.object({ title: z.string(), url: z.string().optional() })])),
    }),
  ),
  metadata: z.object({ dependencies: z.object({ prod: z.number() }) }),
});
/** What npm prints when the registry did not answer the question; a mistake of ours has `error.code` and no message. */
const noAnswer = z.object({ message: z.string() });
const mistake = z.object({ error: z.object({ code: z.string(), summary: z.string() }) });

/** Only a report counts as checked: an empty answer or an error never passes for "nothing found". */
export function judgeAudit(printed: string): AuditVerdict {
  const answer = parse(printed);
  const found = report.safeParse(answer).data;
  if (found !== undefined) return judgeReport(found);
  const silent = noAnswer.safeParse(answer).data;
  if (silent !== undefined)
    return {
      kind: 'not-checked',
      line: `Packages were not checked, because the registry does not answer npm audit: ${silent.message}`,
    };
  const wrong = mistake.safeParse(answer).data;
  return {
    kind: 'failed',
    line:
      wrong === undefined
        ? `npm audit printed no report but: ${printed.slice(0, 200).trim() || 'nothing'}`
        : `npm audit failed with ${wrong.error.code}: ${wrong.error.summary}`,
  };
}

function judgeReport({ vulnerabilities, metadata }: z.output<typeof report>): AuditVerdict {
  const grave = Object.entries(vulnerabilities).filter(
    ([, { severity }]) => severity === 'high' || severity === 'critical',
  );
  if (grave.length === 0)
    return { kind: 'clean', line: `No grave hole is known in ${metadata.dependencies.prod} packages.` };
  const lines = grave.map(([name, { severity, range, via, fixAvailable }]) => {
    const titles = via.map((cause) => (typeof cause === 'string' ? `by way of ${cause}` : cause.title));
    const remedy = fixAvailable === false ? 'there is no mended version yet' : 'npm audit fix';
    return `${severity}: ${name}${range === '' ? '' : ` ${range}`}: ${titles.join('; ')} → ${remedy}`;
  });
  return { kind: 'vulnerable', line: lines.join('\n') };
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
