import { styleText } from 'node:util';
import { shownValue } from '../../connect/connector-changes.ts';
import {
  dangerousChanges,
  hasWork,
  type ConnectorPlan,
  type PlannedChange,
} from '../../connect/connector-plan.ts';
import type { KeyProblem } from '../../connect/validate-connector.ts';
import { WIDTH, wrapped } from '../wrapped.ts';

/** Colours only on a terminal that shows them: styleText asks it, and NO_COLOR. */
const green = (text: string): string => styleText('green', text);
const red = (text: string): string => styleText('red', text);
const yellow = (text: string): string => styleText('yellow', text);
const dim = (text: string): string => styleText('dim', text);

/** The plan of one connector, a line a change: `+` comes, `~` changes, `-` goes, `!` can't be. */
export function planLines(plan: ConnectorPlan): string[] {
  const width = Math.max(0, ...plan.changes.map(({ key }) => key.length));
  return [
    `${markOf(plan)} ${plan.name}  ${headline(plan)}`,
    ...plan.changes.flatMap((change) => changeLines(change, Math.min(width, 44))),
    ...plan.problems.flatMap((problem) => problemLines(problem)),
  ];
}

function markOf({ step, problems }: ConnectorPlan): string {
  if (problems.length > 0) return red('!');
  if (step === 'create') return green('+');
  return step === 'nothing' ? dim('=') : yellow('~');
}

function headline(plan: ConnectorPlan): string {
  const { step, problems, heldBack } = plan;
  if (problems.length > 0) return red(`refused: ${count(problems.length, 'key')} must be mended first`);
  if (heldBack !== undefined)
    return yellow(`is ${heldBack} by somebody: left alone (npx outbox connectors resume ${plan.name})`);
  if (step === 'create') return `is new: created STOPPED, checked, then resumed${dangerText(plan)}`;
  if (step === 'resume') return 'was created and never begun: checked, then resumed';
  if (step === 'restart') return 'FAILED: what failed is restarted';
  if (step === 'nothing') return dim('unchanged');
  return `${count(plan.changes.length, 'change')}${dangerText(plan)}`;
}

function dangerText(plan: ConnectorPlan): string {
  const dangerous = dangerousChanges(plan).length;
  return dangerous > 0 ? red(`, ${dangerous} dangerous`) : '';
}

/** One line, and why it is dangerous, if it is. */
export function changeLines(change: PlannedChange, width = change.key.length): string[] {
  const { key, from, to, danger } = change;
  const isNew = danger.class === 'harmless' && from === undefined;
  const room = WIDTH - 8 - Math.max(width, key.length);
  const half = Math.max(10, Math.floor((room - 15) / 2));
  const value = isNew
    ? shownValue(key, to, Math.max(10, room))
    : `${shownValue(key, from, half)} → ${shownValue(key, to, half)}`;
  const mark = from === undefined ? green('+') : to === undefined ? red('-') : yellow('~');
  const line = `    ${mark} ${key.padEnd(width)}  ${value}`;
  if (danger.class !== 'dangerous') return [isNew ? line : `${line}  ${dim(danger.class)}`];
  const why = wrapped(`${danger.because}.`, WIDTH - 8).map((text) => `        ${text}`);
  return [`${line}  ${red(`DANGEROUS: ${danger.harm}`)}`, ...why];
}

export function problemLines({ key, message, nearest }: KeyProblem): string[] {
  const hint = nearest === undefined ? '' : ` Did you mean ${nearest}?`;
  return wrapped(`${key}: ${message}.${hint}`, WIDTH - 6).map((text, index) =>
    index === 0 ? `    ${red('!')} ${text}` : `      ${text}`,
  );
}

/** What is in Connect without a file here; never deleted by apply. */
export function strangerLines(names: readonly string[]): string[] {
  return names.map((name) => `${red('-')} ${name}  is in no file here: left alone`);
}

/** What it comes to, and the command that does it. Apply leaves alone what is refused or held back. */
export function summaryLine(plans: readonly ConnectorPlan[]): string {
  if (!plans.some(hasWork)) return green('Nothing to do.');
  const refused = plans.filter(({ problems }) => problems.length > 0);
  const heldBack = plans.filter((plan) => plan.heldBack !== undefined && !refused.includes(plan));
  const applied = plans.filter((plan) => !refused.includes(plan) && !heldBack.includes(plan));
  const steps = ['create', 'update', 'restart', 'resume'] as const;
  const parts = steps.flatMap((step) => {
    const many = applied.filter((plan) => plan.step === step).length;
    return many === 0 ? [] : `${many} to ${step}`;
  });
  const all = [
    ...parts,
    ...(heldBack.length > 0 ? [yellow(`${heldBack.length} held back`)] : []),
    ...(refused.length > 0 ? [red(`${refused.length} refused`)] : []),
  ].join(', ');
  const accepted = applied
    .filter((plan) => dangerousChanges(plan).length > 0)
    .map(({ name }) => ` --accept-danger ${name}`);
  if (parts.length > 0) return `${all}. To do it: npx outbox connectors apply${accepted.join('')}`;
  if (refused.length > 0) return `${all}. Mend the file, then plan again.`;
  return `${all}. Let it go on: npx outbox connectors resume ${heldBack.map(({ name }) => name).join(' ')}`;
}

function count(many: number, what: string): string {
  return `${many} ${what}${many === 1 ? '' : 's'}`;
}
