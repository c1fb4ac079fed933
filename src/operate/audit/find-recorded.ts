import type { Queryable } from '../../platform/postgres/statement.ts';
import type { EventRow } from './event-row.ts';

/** What became of events at one consumer. */
export const FATES = ['applied', 'ignored', 'parked', 'discarded'] as const;
export type Fate = (typeof FATES)[number];

export interface Recorded {
  /** How many events ended how. */
  readonly fates: ReadonlyMap<Fate, number>;
  /** Of these nothing is known. */
  readonly unknown: readonly string[];
}

/**
 * What a consumer has recorded of these events: one statement, so one moment. An event that a drain takes from the queue to
 * `processed_events` meanwhile is seen in one of them. The bounds let Postgres look into the days that can hold the ids.
 */
export async function findRecorded(
  db: Queryable,
  consumer: string,
  eventIds: readonly string[],
): Promise<Recorded> {
  const sorted = eventIds.toSorted();
  const { rows } = await db.query<{ fate: Fate | 'unknown'; events: number; event_id: string | null }>({
    name: 'audit_find_recorded',
    text: `
      with known as materialized (
        select event_id, case when outcome in ('ignored', 'before_base', 'unknown_type') then 'ignored'
                              when outcome = 'discarded' then 'discarded' else 'applied' end as fate
        from pipeline.processed_events
        where consumer = $1 and event_id = any($2::uuid[]) and event_id between $3 and $4
        union all
        select event_id, 'parked' from pipeline.parked_events where consumer = $1 and event_id = any($2::uuid[])
      )
      select fate, count(*) as events, null::uuid as event_id from known group by fate
      union all
      select 'unknown', 1, event_id from unnest($2::uuid[]) as event_id where event_id not in (select event_id from known)`,
    values: [consumer, sorted, sorted[0], sorted.at(-1)],
  });
  return {
    fates: new Map(rows.flatMap(({ fate, events }) => (fate === 'unknown' ? [] : [[fate, events] as const]))),
    unknown: rows.flatMap(({ event_id: id }) => (id === null ? [] : [id])),
  };
}

/** What a consumer says of an event's place in its key's order, where the event itself is not recorded. */
export interface KeyPlace {
  /** It goes on without the event because an operator said so. */
  readonly skipped: boolean;
  /** It began behind the event: before this key's base nothing is its business. */
  readonly beforeBase: boolean;
  /** It has come past the event's sequence without it. Saying the event again would stop it: a sequence is never used twice. */
  readonly overtaken: boolean;
}

/** By event id. */
export async function findKeyPlaces(
  db: Queryable,
  consumer: string,
  events: readonly EventRow[],
): Promise<Map<string, KeyPlace>> {
  const { rows } = await db.query<KeyPlace & { readonly event_id: string }>({
    name: 'audit_find_key_places',
    text: `
      select event_id, coalesce(asked.key_seq < base_seq, false) as "beforeBase", coalesce(asked.key_seq <= last_seq, false) as overtaken,
             exists (select from pipeline.parked_decisions decided
                     where decided.consumer = $1 and decided.topic = asked.topic and decided.key = asked.key
                       and decided.key_seq = asked.key_seq and decided.decision in ('skipped', 'discarded')) as skipped
      from unnest($2::uuid[], $3::text[], $4::text[], $5::bigint[]) as asked (event_id, topic, key, key_seq)
      left join pipeline.consumer_keys known
        on known.consumer = $1 and known.topic = asked.topic and known.key = asked.key`,
    values: [
      consumer,
      events.map(({ eventId }) => eventId),
      events.map(({ topic }) => topic),
      events.map(({ key }) => key),
      events.map(({ keySeq }) => keySeq),
    ],
  });
  return new Map(rows.map(({ event_id: id, ...place }) => [id, place]));
}
