/** A batch that was begun: while its mark is there, it was neither committed nor given up by a living process. */
export interface StartMark {
  readonly from: number;
  readonly to: number;
  /** Up to here somewhere is what a process died of: batches are kept small and marked. */
  readonly suspectTo: number;
  /** How often exactly this batch was begun. */
  readonly times: number;
}

/** How many of the chunk's records to take, under which mark. */
export interface Start {
  readonly take: number;
  readonly mark: StartMark;
  /** The first record has killed a process again and again: it is to be parked, not tried. */
  readonly kills: boolean;
}

/** A process may be killed for reasons of its own (a deploy, the machine) twice in a row; over the same event alone, three times is enough. */
const TIMES = 3;

/**
 * How to begin with a chunk, given the mark that was found. Over a batch that a process died of, each next one takes half,
 * until one event is left.
 * @param offsets of the chunk's records; at least one
 */
export function decideStart(
  found: StartMark | undefined,
  chunk: { readonly from: number; readonly to: number; readonly offsets: readonly number[] },
): Start {
  const { from, to, offsets } = chunk;
  const endOf = (take: number): number => offsets[take] ?? to;
  const begin = (take: number, suspectTo: number, times = 1): Start => ({
    take,
    mark: { from, to: endOf(take), suspectTo: Math.max(suspectTo, endOf(take)), times },
    kills: false,
  });
  if (found === undefined || from < found.from || from >= found.suspectTo) return begin(offsets.length, to);
  const size = found.to - found.from;
  const within = Math.max(1, offsets.filter((offset) => offset < from + size).length);
  // The part before was committed: what is left of the suspects goes on in steps of that size.
  if (from !== found.from) return begin(within, found.suspectTo);
  if (within > 1) return begin(Math.ceil(within / 2), found.suspectTo);
  const start = begin(1, found.suspectTo, found.times + 1);
  return found.times >= TIMES && isSame(found, start.mark) ? { ...start, mark: found, kills: true } : start;
}

const isSame = (one: StartMark, other: StartMark): boolean => one.from === other.from && one.to === other.to;
