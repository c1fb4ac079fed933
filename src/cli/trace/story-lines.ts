import { styleText } from 'node:util';
import type { HopState, Story, StoryHop, StoryLine } from '../../operate/trace/story.ts';
import { durationText } from '../quantities.ts';
import { WIDTH, wrapped } from '../wrapped.ts';

/** Columns of the line of time. */
const LINE = 40;

const COLOURS: Readonly<Record<HopState, 'green' | 'yellow' | 'red'>> = {
  done: 'green',
  waiting: 'yellow',
  parked: 'red',
  missing: 'red',
};

/** The story as a picture: a line a hop, each drawn where it was on one line of time, and under it what is to be seen there. */
export function storyLines(story: Story, now: Date): string[] {
  const widest = (pick: (hop: StoryHop) => string): number =>
    Math.max(0, ...story.hops.map((hop) => pick(hop).length));
  const [where, what] = [widest((hop) => hop.where), widest(nameOf)];
  const indent = ' '.repeat(where + what + 4);
  return [
    headline(story, now),
    '',
    ...(story.hops.length === 0 ? [] : [styleText('dim', `${indent}${axisOf(story.line)}`)]),
    ...story.hops.flatMap((hop, index) => {
      const took = hop.durationMs === null ? '' : durationText(hop.durationMs);
      const line = `${hop.where.padEnd(where)}  ${nameOf(hop).padEnd(what)}  ${took.padStart(12)}  `;
      const bar = styleText(COLOURS[hop.state], barOf(story.line, hop, index));
      return [(line + bar).trimEnd(), ...detailLines(hop)];
    }),
    ...cutLines(story.line),
    ...endLines(story),
  ];
}

const nameOf = ({ kind, eventType, state }: StoryHop): string =>
  `${kind} ${eventType}${state === 'done' ? '' : ` ${state.toUpperCase()}`}`;

const columnOf = (fraction: number): number => Math.round(fraction * (LINE - 1));

function axisOf({ drawnMs, knownTo }: StoryLine): string {
  const end = columnOf(knownTo) + 1;
  return `${'since before'.padStart(12)}  0${durationText(drawnMs).padStart(end - 1)}${knownTo === 1 ? '' : ' since'}`;
}

/** From when the hop before it was done to when it was: at least a mark, so that it is seen. What is cut out is marked where it is. */
function barOf({ spans, cuts }: StoryLine, { kind, state }: StoryHop, index: number): string {
  const span = spans[index];
  const cells = Array.from({ length: LINE }, () => ' ');
  for (const cut of cuts) cells.fill('┊', columnOf(cut.from) + 1, columnOf(cut.to));
  if (span === undefined || span === null) return cells.join('').trimEnd();
  const mark = state !== 'done' ? '·' : kind === 'request' ? '|' : '█';
  cells.fill(mark, columnOf(span.from), columnOf(span.to) + 1);
  return cells.join('').trimEnd();
}

const cutLines = ({ cuts }: StoryLine): string[] =>
  cuts.length === 0
    ? []
    : [
        '',
        styleText('dim', `┊ left out: ${cuts.map(({ ms }) => durationText(ms)).join(', ')} without anything`),
      ];

function detailLines({ detail, state }: StoryHop): string[] {
  if (detail === '') return [];
  const style = state === 'done' ? 'dim' : COLOURS[state];
  return wrapped(detail, WIDTH - 4).map((line) => `    ${styleText(style, line)}`);
}

function headline(story: Story, now: Date): string {
  const { subject, keys, status, stuck, from, to } = story;
  const about = `${subject}${keys.every((key) => key === subject) ? '' : ` of ${keys.join(', ')}`}`;
  const said = status === null ? '' : `: ${styleText('bold', status)}`;
  const start = from === null ? '' : `, begun ${durationText(now.getTime() - Date.parse(from))} ago`;
  if (stuck !== null)
    return `${about}${said}${start}, ${styleText('yellow', `not through at ${stuck.where}`)}`;
  const took =
    from === null || to === null ? '' : ` after ${durationText(Date.parse(to) - Date.parse(from))}`;
  return `${about}${said}${start}, ${styleText('green', 'all of it dealt with')}${took}`;
}

function endLines({ stuck, problems }: Story): string[] {
  const lines = problems.flatMap((problem) => wrapped(problem, WIDTH));
  if (stuck !== null) lines.push(...wrapped(`Not through at ${stuck.where}: ${stuck.sentence}`, WIDTH));
  return lines.length === 0 ? [] : ['', ...lines.map((line) => styleText('yellow', line))];
}
