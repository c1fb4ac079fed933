import type { Use } from '../receive-records.ts';

/** What the live consumer has recorded of an event. */
export interface Recorded {
  readonly partition: number;
  readonly offset: number;
  readonly outcome: string;
  readonly appliedAt: Date;
}

/** A record of the log, with all that a rebuild knows of it. */
export interface ReadRecord {
  readonly partition: number;
  readonly offset: number;
  readonly keySeq: number | null;
  /** What the code of the rebuild does with it. */
  readonly use: Use | 'unusable' | 'discard';
  /** Undefined: the live consumer is not done with it, or never saw it. */
  readonly recorded: Recorded | undefined;
  /** The live consumer began behind it. */
  readonly isBeforeStart: boolean;
}

/** How far the rebuild is with the record's key. */
export interface KeyReach {
  /** The sequence that comes next; undefined where any may. */
  readonly expected: number | undefined;
  /** The last that was replayed. */
  readonly last: number | undefined;
}

export interface ReplayRules {
  /** Outcomes were said to others: what was recorded is a fact. Otherwise the events alone count. */
  readonly outcomesBind: boolean;
  /** Replays what the live consumer never saw as well, because it began behind it. */
  readonly fromBeginning: boolean;
}

/**
 * replay: its effect is made again. pass: it had none, and the next of its key may come. copy: another record counts for it, or none.
 * leave: not yet. disagree: what was recorded does not fit what the code makes of it; what was recorded stays, and a person is told.
 */
export type ReplayVerdict =
  | { readonly kind: 'replay' | 'pass' | 'copy' | 'leave' }
  | { readonly kind: 'disagree'; readonly now: string };

const replay: ReplayVerdict = { kind: 'replay' };
const pass: ReplayVerdict = { kind: 'pass' };
const copy: ReplayVerdict = { kind: 'copy' };
const leave: ReplayVerdict = { kind: 'leave' };

/** What somebody decided not to apply; no code makes it count. */
const NEVER = ['discarded', 'skipped'];
const WITHOUT_EFFECT = ['ignored', 'unknown_type'];

/** Pure. The order of a key's events is that of their sequences, as it was for the live consumer. */
export function decideReplay(record: ReadRecord, reach: KeyReach, rules: ReplayRules): ReplayVerdict {
  const { recorded, keySeq } = record;
  const isReplayed = keySeq !== null && reach.last !== undefined && keySeq <= reach.last;
  if (recorded === undefined) {
    if (!record.isBeforeStart) return leave;
    return rules.fromBeginning && !isReplayed && record.use === 'apply' ? replay : copy;
  }
  // The record that counted is another one.
  if (recorded.partition !== record.partition || recorded.offset !== record.offset) return copy;
  if (isReplayed) return copy;
  if (keySeq !== null && reach.expected !== undefined && keySeq > reach.expected) return leave;
  return decideRecorded(record, recorded.outcome, rules);
}

function decideRecorded(
  { use }: ReadRecord,
  outcome: string,
  { outcomesBind, fromBeginning }: ReplayRules,
): ReplayVerdict {
  if (NEVER.includes(outcome)) return pass;
  if (outcome === 'before_base') return fromBeginning && use === 'apply' ? replay : pass;
  if (use === 'unusable' || use === 'discard') return { kind: 'disagree', now: 'can not be read' };
  const hadEffect = !WITHOUT_EFFECT.includes(outcome);
  if (use !== 'apply') return hadEffect && outcomesBind ? { kind: 'disagree', now: use } : pass;
  return !hadEffect && outcomesBind ? { kind: 'disagree', now: 'would be applied' } : replay;
}
