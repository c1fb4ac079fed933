import type { Span, StoryHop, StoryLine } from './story.ts';

/** The part of the line behind what is known, for hops that are not done: how long they wait still is not drawn to scale. */
const OPEN_PART = 0.16;
/** The part of the line that stands for a stretch that is cut out, and how many there may be. */
const CUT_PART = 0.05;
const CUTS = 6;
/** Shorter stretches are drawn. */
const CUT_FROM_MS = 1_000;

interface Stretch {
  readonly from: number;
  readonly to: number;
}

/** Lays hops on one line of time, each from when the one before it was done to when it was. Pure. */
export function layOnLine(hops: readonly Pick<StoryHop, 'state' | 'since' | 'at'>[]): StoryLine {
  const busy = merged(
    hops.flatMap(({ since, at }) => {
      const to = at ?? since;
      return to === null ? [] : [{ from: Math.min(msOf(since ?? to), msOf(to)), to: msOf(to) }];
    }),
  );
  const idle = idleBetween(busy);
  const first = busy[0]?.from ?? 0;
  const last = busy.at(-1)?.to ?? 0;
  const drawnMs = last - first - idle.reduce((sum, { from, to }) => sum + to - from, 0);
  const knownTo = hops.every(({ state }) => state === 'done') ? 1 : 1 - OPEN_PART;
  const msPart = (knownTo - idle.length * CUT_PART) / Math.max(1, drawnMs);
  const place = (ms: number): number =>
    idle.reduce(
      (at, { from, to }) => at + (ms >= to ? CUT_PART - (to - from) * msPart : 0),
      (ms - first) * msPart,
    );
  return {
    drawnMs,
    knownTo,
    cuts: idle.map(({ from, to }) => ({ from: place(from), to: place(to), ms: to - from })),
    spans: hops.map((hop) => spanOf(hop, place)),
  };
}

function spanOf(
  { state, since, at }: Pick<StoryHop, 'state' | 'since' | 'at'>,
  place: (ms: number) => number,
): Span | null {
  if (state !== 'done') {
    const from = since ?? at;
    return from === null ? null : { from: place(msOf(from)), to: 1 };
  }
  if (at === null) return null;
  const to = place(msOf(at));
  return { from: since === null ? to : Math.min(to, place(msOf(since))), to };
}

function merged(stretches: readonly Stretch[]): Stretch[] {
  const all: Stretch[] = [];
  for (const one of stretches.toSorted((a, b) => a.from - b.from)) {
    const last = all.at(-1);
    if (last === undefined || one.from > last.to) all.push(one);
    else all[all.length - 1] = { from: last.from, to: Math.max(last.to, one.to) };
  }
  return all;
}

/** What is long against all that happened, and would leave no room for it. */
function idleBetween(busy: readonly Stretch[]): Stretch[] {
  const busyMs = busy.reduce((sum, { from, to }) => sum + to - from, 0);
  return busy
    .slice(1)
    .map(({ from }, index) => ({ from: busy[index]?.to ?? from, to: from }))
    .filter(({ from, to }) => to - from > Math.max(CUT_FROM_MS, busyMs))
    .toSorted((a, b) => b.to - b.from - (a.to - a.from))
    .slice(0, CUTS)
    .toSorted((a, b) => a.from - b.from);
}

const msOf = (time: string): number => Date.parse(time);
