import type { Pool } from '../../platform/postgres/pool.ts';
import { isExpected, readReaders } from '../audit/readers.ts';
import type { ConsumerFacts, Decision, Queued, Recorded, TracedEvent } from './trace-facts.ts';

/** What the consumers of one database say of the events; those that do not subscribe to any are left out. */
export async function readConsumerFacts(
  service: { readonly name: string; readonly database: string; readonly pool: Pool },
  events: readonly TracedEvent[],
): Promise<ConsumerFacts[]> {
  const { name, database, pool } = service;
  const readers = await readReaders({ name, database, db: pool, outbox: undefined });
  const facts: ConsumerFacts[] = [];
  for (const reader of readers) {
    const expected = events.filter((event) => isExpected(reader, event)).map(({ eventId }) => eventId);
    if (expected.length === 0) continue;
    const { consumer } = reader;
    // The position first: what was read since then may be recorded, but what is recorded was read.
    const positions = await readPositions(pool, consumer);
    facts.push({
      ...{ consumer, expected: new Set(expected), positions },
      ...(await readFates(pool, consumer, expected)),
    });
  }
  return facts;
}

async function readPositions(db: Pool, consumer: string): Promise<Map<string, number>> {
  const { rows } = await db.query<{ place: string; next: number }>({
    name: 'trace_read_positions',
    text: `select topic || ' ' || partition as place, next_offset as next from pipeline.consumer_positions where consumer = $1`,
    values: [consumer],
  });
  return new Map(rows.map(({ place, next }) => [place, next]));
}

interface Fate {
  readonly event_id: string;
  readonly recorded: (Omit<Recorded, 'appliedAt'> & { readonly appliedAt: string }) | null;
  readonly queued: (Omit<Queued, 'parkedAt'> & { readonly parkedAt: string }) | null;
  readonly decided: Decision | null;
}

/** One statement, so one moment: an event that a drain takes out of its queue meanwhile is seen in one of both places. */
async function readFates(
  db: Pool,
  consumer: string,
  eventIds: readonly string[],
): Promise<Pick<ConsumerFacts, 'recorded' | 'queued' | 'decided'>> {
  const sorted = eventIds.toSorted();
  const { rows } = await db.query<Fate>({
    name: 'trace_read_fates',
    text: READ_FATES,
    values: [consumer, sorted, sorted[0], sorted.at(-1)],
  });
  const mapOf = <T, R>(pick: (row: Fate) => T | null, make: (found: T) => R): Map<string, R> =>
    new Map(
      rows.flatMap((row) => {
        const found = pick(row);
        return found === null ? [] : [[row.event_id, make(found)] as const];
      }),
    );
  return {
    recorded: mapOf(
      (row) => row.recorded,
      (one) => ({ ...one, appliedAt: new Date(one.appliedAt) }),
    ),
    queued: mapOf(
      (row) => row.queued,
      (one) => ({ ...one, parkedAt: new Date(one.parkedAt) }),
    ),
    decided: mapOf(
      (row) => row.decided,
      (one) => one,
    ),
  };
}

const READ_FATES = `
  select asked.event_id,
    (select jsonb_build_object('outcome', outcome, 'partition', partition, 'offset', kafka_offset, 'appliedAt', applied_at)
     from pipeline.processed_events done
     where done.consumer = $1 and done.event_id = asked.event_id and done.event_id between $3 and $4) as recorded,
    (select jsonb_build_object('state', held.state, 'code', held.code, 'reason', held.reason, 'attempts', held.attempts,
       'expectedSeq', held.expected_seq, 'partition', queued.partition, 'offset', queued.kafka_offset, 'parkedAt', queued.parked_at,
       'first', (select jsonb_build_object('eventId', first.event_id, 'type', first.event_type) from pipeline.parked_events first
                 where first.consumer = $1 and first.topic = queued.topic and first.key = queued.key
                 order by first.key_seq nulls first, first.place limit 1),
       'ahead', (select count(*) from pipeline.parked_events before
                 where before.consumer = $1 and before.topic = queued.topic and before.key = queued.key
                   and (coalesce(before.key_seq, 0), before.place) < (coalesce(queued.key_seq, 0), queued.place)))
     from pipeline.parked_events queued
     join pipeline.parked_keys held on held.consumer = queued.consumer and held.topic = queued.topic and held.key = queued.key
     where queued.consumer = $1 and queued.event_id = asked.event_id) as queued,
    (select jsonb_build_object('decision', decision, 'who', who, 'why', why)
     from pipeline.parked_decisions decided
     where decided.consumer = $1 and decided.event_id = asked.event_id order by decision_id desc limit 1) as decided
  from unnest($2::uuid[]) as asked (event_id)`;
