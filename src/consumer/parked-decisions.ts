import type { Transaction } from '../platform/postgres/transaction.ts';
import type { ConsumerScope } from './held-keys.ts';
import type { RecordIdentity } from './identify-record.ts';

export type Decision = 'redriven' | 'discarded' | 'skipped';

/** Who decided, and why; both stay on record. */
export interface Decider {
  readonly who: string;
  readonly why: string | null;
}

export async function recordDecisions(
  tx: Transaction,
  scope: ConsumerScope & { key: string },
  decision: Decision,
  events: readonly { readonly eventId: string | null; readonly keySeq: number | null }[],
  decider: Decider,
): Promise<void> {
  await tx.query({
    name: 'consumer_record_decisions',
    text: `insert into pipeline.parked_decisions (consumer, topic, key, event_id, key_seq, decision, who, why, decided_at)
           select $1, $2, $3, event_id, key_seq, $6, $7, $8, now()
           from unnest($4::uuid[], $5::bigint[]) as event (event_id, key_seq)`,
    values: [
      scope.consumer,
      scope.topic,
      scope.key,
      events.map(({ eventId }) => eventId),
      events.map(({ keySeq }) => keySeq),
      decision,
      decider.who,
      decider.why,
    ],
  });
}

/** One row for each sequence that is passed over. */
export async function recordSkipped(
  tx: Transaction,
  scope: ConsumerScope & { key: string },
  span: { from: number; to: number },
  decider: Decider,
): Promise<void> {
  await tx.query({
    name: 'consumer_record_skipped',
    text: `insert into pipeline.parked_decisions (consumer, topic, key, key_seq, decision, who, why, decided_at)
           select $1, $2, $3, key_seq, 'skipped', $6, $7, now()
           from generate_series($4::bigint, $5::bigint) as key_seq`,
    values: [scope.consumer, scope.topic, scope.key, span.from, span.to, decider.who, decider.why],
  });
}

/**
 * What somebody decided about these events before: they were discarded by their id, or their sequence was skipped.
 * @returns by event id
 */
export async function selectDecided(
  tx: Transaction,
  scope: ConsumerScope,
  events: readonly RecordIdentity[],
): Promise<Map<string, 'discarded' | 'skipped'>> {
  const { rows } = await tx.query<{ event_id: string; decision: 'discarded' | 'skipped' }>({
    name: 'consumer_select_decided',
    text: `select event.event_id, min(decision) as decision
           from unnest($3::uuid[], $4::text[], $5::bigint[]) as event (event_id, key, key_seq)
           join pipeline.parked_decisions as decided
             on decided.consumer = $1 and decided.topic = $2
             and (decided.event_id = event.event_id and decision = 'discarded'
                  or decided.key = event.key and decided.key_seq = event.key_seq and decision = 'skipped')
           group by event.event_id`,
    values: [
      scope.consumer,
      scope.topic,
      events.map(({ eventId }) => eventId),
      events.map(({ key }) => key),
      events.map(({ keySeq }) => keySeq),
    ],
  });
  return new Map(rows.map(({ event_id, decision }) => [event_id, decision]));
}
