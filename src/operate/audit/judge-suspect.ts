import type { EventRow } from './event-row.ts';
import type { KeyPlace } from './find-recorded.ts';

/** late: on its way, by all that is known. repairing: lost, and its new row is on its way. lost: it can't come any more by itself. */
export type State = 'late' | 'repairing' | 'lost';

/**
 * Where an event is stuck, or was lost. slot: the slot has not passed its row. topic: the slot has passed, but it is not in the topic.
 * position: the consumer has not read so far. consumer: read, and yet nothing is recorded. unknown: lost at the topic or the consumer.
 */
export type Hop = 'slot' | 'topic' | 'position' | 'consumer' | 'unknown';

/** Rows that were published once more for one event. */
export interface Repairs {
  readonly times: number;
  readonly newestRow: string;
  readonly newestAt: Date;
}

export interface SuspectFacts {
  readonly row: EventRow;
  /** Rows with a lower id have been passed by the slot, and by this consumer; undefined when that is not known of any. */
  readonly slotPassed: string | undefined;
  readonly consumerPassed: string | undefined;
  readonly place: KeyPlace | undefined;
  readonly repairs: Repairs | undefined;
  /** Another consumer of the topic has it, or it was seen there; undefined when nobody knows. */
  readonly inTopic: boolean | undefined;
}

/** What must be known when this is asked: nothing of the event was recorded *after* both passes were seen. */
export function judgeSuspect(facts: SuspectFacts): { readonly state: State; readonly hop: Hop } {
  const stuck = hopOnTheWay(facts.row.rowId, facts);
  if (stuck !== undefined) return { state: 'late', hop: stuck };
  const repair = facts.repairs && hopOnTheWay(facts.repairs.newestRow, facts);
  if (repair !== undefined) return { state: 'repairing', hop: repair };
  if (facts.place?.overtaken === true || facts.inTopic === true) return { state: 'lost', hop: 'consumer' };
  return { state: 'lost', hop: facts.inTopic === false ? 'topic' : 'unknown' };
}

function hopOnTheWay(
  rowId: string,
  { slotPassed, consumerPassed }: SuspectFacts,
): 'slot' | 'position' | undefined {
  if (slotPassed === undefined || rowId >= slotPassed) return 'slot';
  return consumerPassed === undefined || rowId >= consumerPassed ? 'position' : undefined;
}

/** A first repair may have been lost like the event itself; what loses it every time must be mended by a person. */
export const REPAIR_AT_MOST = 3;
export const REPAIR_AGAIN_AFTER_MS = 10 * 60_000;

/** Why a lost event is not published once more, in a sentence; undefined when it can be. */
export function whyNotRepaired(
  event: { readonly overtakenBy: readonly string[]; readonly repairs: Repairs | undefined },
  now: Date,
): string | undefined {
  const { overtakenBy, repairs } = event;
  if (overtakenBy.length > 0)
    return `${overtakenBy.join(' and ')} has already gone past its sequence: said again it would stop there. Apply its effect by hand.`;
  if (repairs === undefined) return undefined;
  if (repairs.times >= REPAIR_AT_MOST)
    return `It was republished ${repairs.times} times and lost each time: find out where before you do it by hand.`;
  if (now.getTime() - repairs.newestAt.getTime() < REPAIR_AGAIN_AFTER_MS)
    return `It was republished at ${repairs.newestAt.toISOString()}; the next try is 10 minutes after that.`;
  return undefined;
}
