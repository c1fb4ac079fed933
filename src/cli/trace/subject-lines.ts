import type { FoundSubjects } from '../../operate/trace/find-subjects-in.ts';
import { durationText } from '../quantities.ts';

/** A list of what may be meant, to choose from. */
export function subjectLines(
  id: string,
  { subjects, lookedSince }: FoundSubjects,
  { now, limit }: { readonly now: Date; readonly limit: number },
): string[] {
  const widest = Math.max(...subjects.map(({ status }) => (status ?? '').length));
  const many = subjects.length === limit ? 'The newest' : 'There are';
  const since =
    lookedSince === null ? '' : ` since ${durationText(now.getTime() - lookedSince.getTime())} ago`;
  return [
    `${many} ${subjects.length} of ${id}${since}:`,
    ...subjects.map(
      ({ aggregateId, status, since: begun }) =>
        `  ${aggregateId}  ${(status ?? '').padEnd(widest)}  ${durationText(now.getTime() - begun.getTime())} ago`,
    ),
    `Take one: npx outbox trace ${id} --order <id>`,
    ...(lookedSince === null ? [] : [`Older ones too: npx outbox trace ${id} --all`]),
  ];
}
