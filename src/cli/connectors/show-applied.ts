import { styleText } from 'node:util';
import type { AppliedConnector } from '../../operate/change/apply-connectors.ts';
import { describeError } from '../../platform/errors.ts';
import { WIDTH, wrapped } from '../wrapped.ts';
import { changeLines, problemLines } from './show-plan.ts';

/** What apply did with one connector and how it is now: the sentences of a failure come last. */
export function appliedLines(applied: AppliedConnector): string[] {
  const { name, plan, action, notes, problem, left } = applied;
  const mark = problem === undefined ? styleText('green', '✓') : styleText('red', '✗');
  // All settings of a new connector are in its file.
  const changes = plan.step === 'create' ? [] : plan.changes.flatMap((change) => changeLines(change));
  return [
    `${mark} ${name}  ${action}${stateOf(applied)}`,
    ...changes,
    ...notes.flatMap((note) => paragraph(note)),
    ...plan.problems.flatMap((found) => problemLines(found)),
    ...(problem === undefined ? [] : paragraph(describeError(problem), '! ')),
    ...(left === undefined ? [] : paragraph(left, '! ')),
  ];
}

function stateOf({ status, probe }: AppliedConnector): string {
  if (status === undefined) return '';
  const tasks = status.tasks.map(({ id, state }) => `task ${id} ${state}`);
  const flow = probe?.arrived === true ? [`a probe came through in ${probe.ageMs} ms`] : [];
  return `: ${[status.connector.state, ...tasks, ...flow].join(', ')}`;
}

/** A sentence as an entry of a list, no wider than a terminal. */
export function paragraph(text: string, mark = '· '): string[] {
  return wrapped(text, WIDTH - 6).map((line, index) => `    ${index === 0 ? mark : '  '}${line}`);
}
