/** What is known of a key: the first sequence seen, and the last. */
export interface KeySequence {
  readonly baseSeq: number;
  readonly lastSeq: number;
}

export interface SequencedEvent {
  readonly eventId: string;
  readonly key: string;
  readonly keySeq: number;
}

/**
 * fresh: the next of its key, to be applied. duplicate: already done. before-base: from before this reader's time, to be
 * recorded but not applied. gap: `expected` must come first. reused: an event we have never seen has a sequence that we
 * have already passed; to call it a duplicate would lose it in silence (a publisher restored from a backup does this).
 */
export type Verdict =
  | { readonly kind: 'fresh' | 'duplicate' | 'before-base' }
  | { readonly kind: 'gap' | 'reused'; readonly expected: number };

export interface KeyOrderDecision {
  /** One per event, same order. */
  readonly verdicts: readonly Verdict[];
  /** The keys whose sequence moved, with their new values. */
  readonly keys: ReadonlyMap<string, KeySequence>;
}

const FRESH: Verdict = { kind: 'fresh' };
const DUPLICATE: Verdict = { kind: 'duplicate' };
const BEFORE_BASE: Verdict = { kind: 'before-base' };

/**
 * Judges a batch in log order, by what was known before it. Pure.
 * @param known.fromFirstOffset the reader began at the log's offset 0, so it has seen every key's first event: that is 1.
 *   Otherwise a key's first event seen sets its base.
 */
export function decideKeyOrder(
  events: readonly SequencedEvent[],
  known: {
    readonly processed: ReadonlySet<string>;
    readonly keys: ReadonlyMap<string, KeySequence>;
    readonly fromFirstOffset: boolean;
  },
): KeyOrderDecision {
  const seen = new Set(known.processed);
  const moved = new Map<string, KeySequence>();
  const verdicts = events.map((event): Verdict => {
    if (seen.has(event.eventId)) return DUPLICATE;
    const sequence = moved.get(event.key) ?? known.keys.get(event.key);
    const verdict = judge(event.keySeq, sequence, known.fromFirstOffset);
    if (verdict.kind === 'fresh')
      moved.set(event.key, { baseSeq: sequence?.baseSeq ?? event.keySeq, lastSeq: event.keySeq });
    if (verdict.kind === 'fresh' || verdict.kind === 'before-base') seen.add(event.eventId);
    return verdict;
  });
  return { verdicts, keys: moved };
}

function judge(keySeq: number, sequence: KeySequence | undefined, fromFirstOffset: boolean): Verdict {
  if (sequence === undefined) return !fromFirstOffset || keySeq === 1 ? FRESH : { kind: 'gap', expected: 1 };
  const expected = sequence.lastSeq + 1;
  if (keySeq === expected) return FRESH;
  if (keySeq > expected) return { kind: 'gap', expected };
  return keySeq < sequence.baseSeq ? BEFORE_BASE : { kind: 'reused', expected };
}
