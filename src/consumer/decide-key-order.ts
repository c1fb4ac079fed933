import type { Failure } from './failure.ts';

/** What is known of a key: the first sequence seen, and the last. */
export interface KeySequence {
  readonly baseSeq: number;
  readonly lastSeq: number;
}

export interface SequencedEvent {
  readonly eventId: string;
  readonly key: string;
  /** null where the record does not say: such an event is `unusable` too. */
  readonly keySeq: number | null;
  /** The event can never be applied, whatever a handler says. */
  readonly unusable?: Failure;
  /** An operator's word: done with, without being applied. */
  readonly discarded?: boolean;
}

/**
 * fresh: the next of its key, to be applied. duplicate: already done. before-base: from before this reader's time, to be
 * recorded but not applied. failed: its turn, but it can't be applied. gap: `expected` must come first. behind: the key is
 * held by an earlier event. reused: an event we have never seen has a sequence that we have already passed; to call it a
 * duplicate would lose it in silence (a publisher restored from a backup does this). failed, gap and reused hold the key.
 */
export type Verdict =
  | { readonly kind: 'fresh' | 'duplicate' | 'before-base' | 'behind' }
  | { readonly kind: 'gap' | 'reused'; readonly expected: number }
  | { readonly kind: 'failed'; readonly failure: Failure };

export interface KeyOrderDecision {
  /** One per event, same order. */
  readonly verdicts: readonly Verdict[];
  /** The keys whose sequence moved, with their new values. */
  readonly keys: ReadonlyMap<string, KeySequence>;
}

export interface KnownOrder {
  readonly processed: ReadonlySet<string>;
  readonly keys: ReadonlyMap<string, KeySequence>;
  /** Keys that are held already. */
  readonly held?: ReadonlySet<string>;
  /**
   * The reader of the event's partition began at the log's offset 0, so it has seen every key's first event: that is 1. Otherwise a
   * key's first event seen sets its base.
   */
  readonly fromFirstOffset: (index: number) => boolean;
  /** Asked once, in order, for each event whose turn it is: what its handler failed with. */
  readonly tryHandler?: (index: number) => Failure | undefined;
}

const FRESH: Verdict = { kind: 'fresh' };
const DUPLICATE: Verdict = { kind: 'duplicate' };
const BEFORE_BASE: Verdict = { kind: 'before-base' };
const BEHIND: Verdict = { kind: 'behind' };

/** Judges a batch in log order, by what was known before it. Pure, as long as `tryHandler` is. */
export function decideKeyOrder(events: readonly SequencedEvent[], known: KnownOrder): KeyOrderDecision {
  const seen = new Set(known.processed);
  const held = new Set(known.held);
  const moved = new Map<string, KeySequence>();
  const verdicts = events.map((event, index): Verdict => {
    if (seen.has(event.eventId)) return DUPLICATE;
    const sequence = moved.get(event.key) ?? known.keys.get(event.key);
    const verdict = judge(event, { sequence, isHeld: held.has(event.key), known, index });
    if (verdict.kind === 'fresh' && event.keySeq !== null)
      moved.set(event.key, { baseSeq: sequence?.baseSeq ?? event.keySeq, lastSeq: event.keySeq });
    if (verdict.kind === 'reused' || verdict.kind === 'failed' || verdict.kind === 'gap') held.add(event.key);
    if (verdict.kind !== 'reused') seen.add(event.eventId);
    return verdict;
  });
  return { verdicts, keys: moved };
}

function judge(
  { keySeq, unusable, discarded = false }: SequencedEvent,
  at: { sequence: KeySequence | undefined; isHeld: boolean; known: KnownOrder; index: number },
): Verdict {
  const { sequence, isHeld, known, index } = at;
  const firstSeq = sequence === undefined && !known.fromFirstOffset(index) ? keySeq : 1;
  const expected = sequence === undefined ? firstSeq : sequence.lastSeq + 1;
  // Without a sequence it takes nobody's turn; one that is past has had its turn.
  if (discarded && (keySeq === null || expected === null || keySeq < expected)) return DUPLICATE;
  if (keySeq !== null && sequence !== undefined && keySeq < sequence.baseSeq) return BEFORE_BASE;
  if (keySeq !== null && expected !== null && keySeq < expected && unusable === undefined)
    return { kind: 'reused', expected };
  if (isHeld) return BEHIND;
  if (keySeq !== null && expected !== null && keySeq > expected) return { kind: 'gap', expected };
  if (discarded) return FRESH;
  const failure = unusable ?? known.tryHandler?.(index);
  return failure === undefined ? FRESH : { kind: 'failed', failure };
}
