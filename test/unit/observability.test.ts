import { readdirSync, readFileSync } from 'node:fs';
import type { Command } from 'commander';
import { parse } from 'yaml';
import { outboxCommand } from '../../src/cli/outbox-command.ts';
import { silentLog } from '../../src/platform/log.ts';
import { documentedMetrics } from '../support/documented-metrics.ts';

interface Rule {
  readonly alert?: string;
  readonly record?: string;
  readonly expr: string;
  readonly labels?: Readonly<Record<string, string>>;
  readonly annotations?: Readonly<Record<string, string>>;
}
interface Panel {
  readonly title: string;
  readonly targets?: readonly { readonly expr: string }[];
}

const deploy = new URL('../../deploy/', import.meta.url);
const read = (path: string): string => readFileSync(new URL(path, deploy), 'utf8');
const rules = readdirSync(new URL('prometheus/rules', deploy)).flatMap((file) =>
  (parse(read(`prometheus/rules/${file}`)) as { groups: { rules: Rule[] }[] }).groups.flatMap(
    (group) => group.rules,
  ),
);
const alerts = rules.filter(({ alert }) => alert !== undefined);
const { panels } = JSON.parse(read('grafana/dashboards/pipeline.json')) as { panels: Panel[] };
const tested = readdirSync(new URL('prometheus/tests', deploy)).flatMap((file) =>
  (
    parse(read(`prometheus/tests/${file}`)) as {
      tests: { alert_rule_test: { alertname: string; exp_alerts: unknown[] }[] }[];
    }
  ).tests.flatMap((one) => one.alert_rule_test),
);

const KEYWORDS = ['and', 'or', 'unless', 'bool', 'offset', 'Inf', 'NaN'];

/** The names of the metrics in an expression of PromQL, those that a matcher of `__name__` lists included. */
function metricsIn(expression: string): string[] {
  const listed = [...expression.matchAll(/__name__=~?"([^"]*)"/g)].flatMap(([, names = '']) =>
    names.split('|'),
  );
  const bare = expression
    .replaceAll(/\{[^}]*\}/g, ' ')
    .replaceAll(/\[[^\]]*\]/g, ' ')
    .replaceAll(/\b(by|without|on|ignoring|group_left|group_right)\s*\([^)]*\)/g, ' ')
    .replaceAll(/\b\d[\w.]*/g, ' ');
  const words = [...bare.matchAll(/[a-zA-Z_][\w:]*(?!\w|:)(?!\s*\()/g)].map(([word]) => word);
  return [...listed, ...words.filter((word) => !KEYWORDS.includes(word))];
}

const recorded = rules.flatMap(({ record }) => record ?? []);
const documented = new Map(documentedMetrics().map((metric) => [metric.name, metric]));
function isKnown(name: string): boolean {
  if (name === 'up' || recorded.includes(name) || documented.has(name)) return true;
  const [, base = ''] = /^(.*)_(?:bucket|sum|count)$/.exec(name) ?? [];
  return documented.get(base)?.type === 'histogram';
}

test('metrics are found in an expression, and nothing else', () => {
  expect(
    metricsIn(
      'sum by (service, le) (rate(a_bucket{x="y"}[5m])) > 1e9 and on (b) max(c:d:e) / 2 unless {__name__=~"f|g", h="i"} or time() - k > 86400',
    ).sort(),
  ).toEqual(['a_bucket', 'c:d:e', 'f', 'g', 'k']);
});

test.each(rules.map((rule) => [rule.alert ?? rule.record ?? '', rule.expr]))(
  'rule %s uses only metrics that docs/metrics.md tells of',
  (_, expr) => {
    const used = metricsIn(expr);
    expect(used).not.toEqual([]);
    expect(used.filter((name) => !isKnown(name))).toEqual([]);
  },
);

test('so does each panel of the Grafana dashboard, and none has the title of another', () => {
  const expressions = panels.flatMap(({ targets }) => targets ?? []).map(({ expr }) => expr);
  expect(expressions.length).toBeGreaterThan(30);
  expect(expressions.flatMap(metricsIn).filter((name) => !isKnown(name))).toEqual([]);
  for (const expression of expressions) expect(metricsIn(expression)).not.toEqual([]);
  const titles = panels.map(({ title }) => title);
  expect(new Set(titles).size).toBe(titles.length);
});

test.each(alerts.map((rule) => [rule.alert ?? '', rule] as const))(
  'alert %s says what is so and which command helps, and is tested both ways',
  (name, { annotations = {}, labels = {} }) => {
    expect(['warning', 'critical']).toContain(labels['severity']);
    expect(annotations['summary']).toMatch(/\S/);
    const commands = [...(annotations['runbook'] ?? '').matchAll(/`npx outbox ([^`]+)`/g)].map(
      ([, words = '']) => words,
    );
    expect(commands).not.toEqual([]);
    for (const words of commands) expect(refusalOf(words)).toBeUndefined();
    const tests = tested.filter(({ alertname }) => alertname === name);
    expect(tests.some(({ exp_alerts: fires }) => fires.length > 0)).toBe(true);
    expect(tests.some(({ exp_alerts: fires }) => fires.length === 0)).toBe(true);
  },
);

const outbox = outboxCommand({ env: {}, log: silentLog, answerNo: () => undefined });

/** Why the command line would not take these words; undefined when it would. */
function refusalOf(words: string): string | undefined {
  const [noun = '', ...rest] = words.replaceAll(/\{\{ \$labels\.\w+ \}\}/g, 'NAME').split(' ');
  let command = named(outbox, noun);
  if (command === undefined) return `There is no command ${noun}.`;
  const verb = rest[0];
  if (command.commands.length > 0) {
    command = named(command, verb ?? '');
    if (command === undefined) return `There is no command ${noun} ${verb ?? ''}.`;
  }
  const options = rest.filter((word) => word.startsWith('--'));
  const unknown = options.find((option) => !command.options.some(({ long }) => long === option));
  return unknown === undefined ? undefined : `${noun} has no option ${unknown}.`;
}

const named = (command: Command, name: string): Command | undefined =>
  command.commands.find((one) => one.name() === name);

test('a runbook that names no command, or an option that is not there, is found out', () => {
  expect(refusalOf('connectors heel x')).toBe('There is no command connectors heel.');
  expect(refusalOf('audit --mend')).toBe('audit has no option --mend.');
});
