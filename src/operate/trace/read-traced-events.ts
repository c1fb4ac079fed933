import type { Queryable } from '../../platform/postgres/statement.ts';
import { earliest } from './find-subjects.ts';
import type { TracedEvent } from './trace-facts.ts';

type Row = Omit<TracedEvent, 'service' | 'connector' | 'lsn'> & { readonly lsn: string };

/** More would be no story. */
const AT_MOST = 500;

/** The events about a thing, and those with these ids, as one outbox has them; each once, oldest first. */
export async function readTracedEvents(
  db: Queryable,
  wanted: { readonly subject: string; readonly eventIds: readonly string[] },
  outbox: { readonly service: string; readonly connector: string },
): Promise<TracedEvent[]> {
  const { rows } = await db.query<Row>({
    name: 'trace_read_events',
    text: `
      select distinct on (event_id) id as "rowId", event_id as "eventId", topic, partition_key as "key", key_seq as "keySeq",
             event_type as "type", aggregate_id as "aggregateId", occurred_at as "occurredAt", traceparent,
             schema_fingerprint as "schemaFingerprint", payload, xid::text as xid, (insert_lsn - '0/0')::text as lsn,
             case when current_setting('track_commit_timestamp')::boolean then pg_xact_commit_timestamp(xid::xid) end as "committedAt",
             count(*) over (partition by event_id) as rows
      from pipeline.outbox
      where id >= pipeline.uuid_floor($3) and (aggregate_id = $1 or event_id = any($2::uuid[]))
      order by event_id, id limit $4`,
    values: [wanted.subject, wanted.eventIds, earliest(wanted.subject), AT_MOST],
  });
  return rows
    .map(({ lsn, ...row }) => ({ ...row, ...outbox, lsn: BigInt(lsn) }))
    .sort((a, b) => (a.rowId < b.rowId ? -1 : 1));
}
