import type { OrderStory, StoryHop } from '../dashboard-state.ts';

/** A hop on the line of time that all hops of a story share. */
export interface StoryBar {
  readonly hop: StoryHop;
  /** Percent of the whole time, from the left; a hop that has not happened begins where the known time ends. */
  readonly from: number;
  readonly width: number;
}

export interface StoryTime {
  readonly bars: readonly StoryBar[];
  /** Milliseconds from the first to the last time known; null when fewer than two are. */
  readonly totalMs: number | null;
}

/** Lays the hops out on one line of time: a hop's bar ends when it happened and is as long as what it took. */
export function storyBars({ hops }: OrderStory): StoryTime {
  const ends = hops.map(({ at }) => (at === null ? null : Date.parse(at)));
  const known = ends.filter((end) => end !== null);
  const first = Math.min(
    ...hops.flatMap(({ durationMs }, index) => {
      const end = ends[index];
      return end == null ? [] : [end - (durationMs ?? 0)];
    }),
  );
  const last = Math.max(...known);
  const total = Math.max(1, last - first);
  const percent = (ms: number): number => (100 * ms) / total;
  const bars = hops.map((hop, index): StoryBar => {
    const end = ends[index];
    if (end == null) return { hop, from: known.length === 0 ? 0 : 100, width: 0 };
    const took = hop.durationMs ?? 0;
    return { hop, from: percent(end - took - first), width: percent(took) };
  });
  return { bars, totalMs: known.length < 2 ? null : last - first };
}
