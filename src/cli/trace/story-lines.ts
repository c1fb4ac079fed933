import { styleText } from 'node:util';
import type { HopState, Story, StoryHop } from '../../operate/trace/story.ts';
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
  const from = story.from === null ? 0 : Date.parse(story.from);
  const to = story.to === null ? from : Date.parse(story.to);
  const scale = { from, span: Math.max(1, to - from) };
  const widest = (pick: (hop: StoryHop) => string): number =>
    Math.max(0, ...story.hops.map((hop) => pick(hop).length));
  const [where, what] = [widest((hop) => hop.where), widest(nameOf)];
  const indent = ' '.repeat(where + what + 4);
  const axis = `${indent}${'since before'.padStart(12)}  0${durationText(to - from).padStart(LINE - 1)}`;
  return [
    headline(story, now),
    '',
    ...(story.hops.length === 0 ? [] : [styleText('dim', axis)]),
    ...story.hops.flatMap((hop) => {
      const took = hop.durationMs === null ? '' : durationText(hop.durationMs);
      const line = `${hop.where.padEnd(where)}  ${nameOf(hop).padEnd(what)}  ${took.padStart(12)}  `;
      const bar = styleText(COLOURS[hop.state], barOf(story, hop, scale));
      return [(line + bar).trimEnd(), ...detailLines(hop)];
    }),
    ...endLines(story),
  ];
}

const nameOf = ({ kind, eventType, state }: StoryHop): string =>
  `${kind} ${eventType}${state === 'done' ? '' : ` ${state.toUpperCase()}`}`;

/** From when the hop before it was done to when it was: at least a mark, so that it is seen. */
function barOf(story: Story, hop: StoryHop, { from, span }: { from: number; span: number }): string {
  const columnOf = (ms: number): number => Math.round(((ms - from) / span) * (LINE - 1));
  const before = hop.follows === null ? from : lastTime(story, hop.follows, from);
  const start = columnOf(before);
  if (hop.at === null) return hop.state === 'done' ? '' : ' '.repeat(start) + '·'.repeat(LINE - start);
  const end = Math.max(start, columnOf(Date.parse(hop.at)));
  const first = hop.kind === 'request' ? end : start;
  return ' '.repeat(first) + (hop.kind === 'request' ? '|' : '█'.repeat(end - first + 1));
}

function lastTime(story: Story, index: number, from: number): number {
  const hop = story.hops[index];
  if (hop === undefined) return from;
  if (hop.at !== null) return Date.parse(hop.at);
  return hop.follows === null ? from : lastTime(story, hop.follows, from);
}

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
