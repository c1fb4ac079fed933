import type { Invariant } from '../support/invariants/invariants.ts';

export type Meaning = 'lost' | 'twice' | 'reordered';

/**
 * What a violation may mean, each word of it: one that can come of a loss and of doing a thing twice counts as both, so
 * that a 0 is a 0. Those without a word tell of something else: late, loud, or no longer watched.
 */
export const meanings: Readonly<Record<Invariant, readonly Meaning[]>> = {
  'acknowledged-once': ['lost', 'twice'],
  'cancelled-stays-cancelled': ['lost'],
  'returned-once': ['lost', 'twice'],
  settled: ['lost'],
  'placed-said-once': ['lost', 'twice'],
  'return-said-once': ['lost', 'twice'],
  'outcome-said-once': ['lost', 'twice'],
  'answered-once': ['lost', 'twice'],
  'event-processed': ['lost'],
  'audit-clean': ['lost'],
  // A key that is not held was passed over; one that is held for no reason has events that nobody has applied.
  'held-as-planted': ['lost'],
  // Its row is gone, or it was done and nobody asked for it.
  'processed-was-said': ['lost', 'twice'],
  'said-without-gap': ['lost', 'twice', 'reordered'],
  'read-without-gap': ['lost', 'twice', 'reordered'],
  'applied-in-order': ['reordered'],
  'stock-never-negative': ['lost', 'twice'],
  'stock-conserved': ['lost', 'twice'],
  'stock-has-records': ['lost', 'twice'],
  'sales-counted': ['lost', 'twice'],
  'sales-added-up': ['lost', 'twice'],
  'said-in-kafka': ['lost'],
  // What was written is not there, or under another key, where others overtake it.
  'kafka-as-written': ['lost', 'reordered'],
  // Its row is gone.
  'kafka-was-said': ['lost'],
  'lag-zero': [],
  'slot-active': [],
  'log-bounded': [],
  'no-unhandled-rejection': [],
  'replies-match': ['lost', 'twice'],
  // What was applied is applied again, or only now what was passed over.
  'replay-changes-nothing': ['lost', 'twice'],
  'restart-unseen': [],
  'fault-mended': [],
  'all-answered': ['lost'],
  'no-internal-error': [],
  'comes-to-rest': [],
};
