import { styleText } from 'node:util';
import type { SchemaProblem } from '../../events/schema-problem.ts';
import { WIDTH, wrapped } from '../wrapped.ts';

/** A file a heading, its problems below: field, what is so, what to do. Colours only on a terminal (styleText asks it). */
export function problemLines(problems: readonly SchemaProblem[]): string[] {
  const files = Map.groupBy(problems, ({ file }) => file);
  return [...files].flatMap(([file, own]) => [
    `${styleText('red', '✖')} ${styleText('bold', file)}`,
    ...own.flatMap(oneProblem),
  ]);
}

function oneProblem({ field, against, sentence, remedy }: SchemaProblem): string[] {
  const compared = against.length === 0 ? '' : ` (against ${against.join(', ')})`;
  const subject = field === '' ? 'it' : field;
  const [first = '', ...rest] = wrapped(`${subject} ${sentence}.`, WIDTH - 4);
  return [
    `    ${styleText('yellow', subject)}${first.slice(subject.length)}`,
    ...rest.map((line) => `    ${line}`),
    ...wrapped(`→ ${remedy}${compared}`, WIDTH - 6).map((line) => `      ${styleText('dim', line)}`),
  ];
}
