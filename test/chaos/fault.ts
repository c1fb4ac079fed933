import type { Storm } from './storm.ts';

/** One way in which a part is spoilt and made good again, as people do or a supervisor does. */
export interface Fault {
  readonly name: string;
  /** In a line: what is done, and what makes it good. */
  readonly what: string;
  /** How long it is left as it is, at least and at most. */
  readonly holdMs: readonly [least: number, most: number];
  /** How often it is drawn, compared with the others; 0: only when it is named. */
  readonly weight: number;
  /**
   * Ends when the part works again; what lies undone by then is the storm's. Whatever it stopped goes on when it throws, too.
   * @returns what was seen, in a few words
   */
  strike(storm: Storm, strike: Strike): Promise<string | Skipped>;
}

/** Nothing was spoilt, since there was nothing to spoil or no means to; that is no fault which was made good. */
export interface Skipped {
  /** Why, in a sentence. */
  readonly skipped: string;
}

/** What the seed decided of one strike. */
export interface Strike {
  /** From 1. */
  readonly number: number;
  readonly holdMs: number;
  /** From 0 up to but not 1, for what the fault itself has to choose. */
  readonly choice: number;
}

/** One of them by the choice of the seed. */
export function chosen<const T>({ choice }: Strike, from: readonly [T, ...T[]]): T {
  return from[Math.floor(choice * from.length)] ?? from[0];
}
