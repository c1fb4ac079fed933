import { timeOfEventId } from '../../consumer/event-horizon.ts';
import type { Queryable } from '../../platform/postgres/statement.ts';
import { isTimedId, isUuid } from './read-trace-id.ts';

/** A thing of which events are in an outbox. */
export interface Candidate {
  readonly aggregateId: string;
  /** The id that was asked for is its own or that of one of its events, not only its key. */
  readonly isExact: boolean;
}

/** What one outbox says of a thing. */
export interface SubjectRows {
  readonly aggregateId: string;
  readonly key: string;
  /** Of its first event here. */
  readonly since: Date;
  /** `row id, blank, type` of each event, oldest first. */
  readonly said: readonly string[];
}

/** Rows of an outbox that were written from one moment to before another. */
export interface Stretch {
  readonly from: Date;
  /** null: to the newest. */
  readonly to: Date | null;
}

/** Clocks of service and database may differ by as much. */
const CLOCKS_MS = 60 * 60_000;
const HOUR_MS = 60 * 60_000;

/** Before this moment no row can be about the id. */
export function earliest(id: string): Date {
  return isTimedId(id) ? new Date(timeOfEventId(id) - CLOCKS_MS) : new Date(0);
}

/**
 * Where to look for an id, one stretch after the other until something is found: around the time in the id where it has one, then the
 * last hour, the last day, everything. There is no index for it on purpose (each would cost every order). Pure.
 */
export function stretchesFor(id: string, now: Date): Stretch[] {
  const floor = earliest(id);
  const ago = (ms: number): Stretch => ({
    from: new Date(Math.max(floor.getTime(), now.getTime() - ms)),
    to: null,
  });
  const own = isTimedId(id) ? [{ from: floor, to: new Date(floor.getTime() + 2 * CLOCKS_MS) }] : [];
  return [...own, ago(HOUR_MS), ago(24 * HOUR_MS), { from: floor, to: null }];
}

/** Things whose id, one of whose events' ids, or whose key this is, in one stretch of one outbox; newest first. */
export async function findCandidates(
  db: Queryable,
  id: string,
  { from, to }: Stretch,
  limit: number,
): Promise<Candidate[]> {
  const { rows } = await db.query<Candidate>({
    name: 'trace_find_candidates',
    text: `
      select aggregate_id as "aggregateId", bool_or(aggregate_id = $1 or event_id = $2) as "isExact"
      from pipeline.outbox
      where id >= pipeline.uuid_floor($3) and ($4::timestamptz is null or id < pipeline.uuid_floor($4))
        and (aggregate_id = $1 or partition_key = $1 or event_id = $2)
      group by aggregate_id order by max(id::text) desc limit $5`,
    values: [id, isUuid(id) ? id : null, from, to, limit],
  });
  return rows;
}

/** All that one outbox says of these things. */
export async function readSubjects(db: Queryable, aggregateIds: readonly string[]): Promise<SubjectRows[]> {
  const { rows } = await db.query<SubjectRows>({
    name: 'trace_read_subjects',
    text: `
      select aggregate_id as "aggregateId", min(partition_key) as key, min(occurred_at) as since,
             array_agg(id || ' ' || event_type order by id) as said
      from pipeline.outbox
      where id >= pipeline.uuid_floor($2) and aggregate_id = any($1)
      group by aggregate_id`,
    values: [aggregateIds, new Date(Math.min(...aggregateIds.map((id) => earliest(id).getTime())))],
  });
  return rows;
}
