import type { Queryable } from '../../platform/postgres/statement.ts';
import { timeOfEventId } from '../../consumer/event-horizon.ts';

/** A thing of which events are in an outbox. */
export interface Subject {
  readonly aggregateId: string;
  readonly key: string;
  /** Of its first event here. */
  readonly since: Date;
  /** Its newest event. */
  readonly lastType: string;
  /** The id that was asked for is its own or that of one of its events, not only its key. */
  readonly isExact: boolean;
}

/** Clocks of service and database may differ by as much. */
const CLOCKS_MS = 60 * 60_000;
const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-([0-9a-f])[0-9a-f]{3}-[0-9a-f]{4}-[0-9a-f]{12}$/i;

/**
 * Things whose id, one of whose events' ids, or whose key this is; newest first. There is no index for it on purpose (each would
 * cost every order): it reads the outbox, from the time in the id where that has one.
 */
export async function findSubjects(db: Queryable, id: string, limit: number): Promise<Subject[]> {
  const { rows } = await db.query<Subject>({
    name: 'trace_find_subjects',
    text: `
      select aggregate_id as "aggregateId", min(partition_key) as key, min(occurred_at) as since,
             (array_agg(event_type order by id desc))[1] as "lastType",
             bool_or(aggregate_id = $1 or event_id = $2) as "isExact"
      from pipeline.outbox
      where id >= pipeline.uuid_floor($3) and (aggregate_id = $1 or partition_key = $1 or event_id = $2)
      group by aggregate_id order by max(id::text) desc limit $4`,
    values: [id, UUID.test(id) ? id.toLowerCase() : null, earliest(id), limit],
  });
  return rows;
}

/** Before this moment no row can be about the id. */
export function earliest(id: string): Date {
  return UUID.exec(id)?.[1] === '7' ? new Date(timeOfEventId(id.toLowerCase()) - CLOCKS_MS) : new Date(0);
}
