import type { Queryable } from '../../platform/postgres/statement.ts';

export interface OrderEventRow {
  readonly rowId: string;
  readonly eventId: string;
  readonly topic: string;
  readonly type: string;
  readonly occurredAt: Date;
  /** Null where the server does not keep it (track_commit_timestamp). */
  readonly committedAt: Date | null;
}

/**
 * What one outbox says about an order, oldest first, each event once. There is no index for it: rows before the order's own id, which
 * is ordered by time, are not looked at.
 */
export async function readOrderEvents(db: Queryable, orderId: string): Promise<OrderEventRow[]> {
  const { rows } = await db.query<OrderEventRow>({
    name: 'dashboard_read_order_events',
    text: `select distinct on (event_id) id as "rowId", event_id as "eventId", topic, event_type as type,
                  occurred_at as "occurredAt",
                  case when current_setting('track_commit_timestamp')::boolean then pg_xact_commit_timestamp(xid::xid) end as "committedAt"
           from pipeline.outbox
           where aggregate_id = $1 and id >= pipeline.uuid_floor($2)
           order by event_id, id limit 100`,
    values: [orderId, new Date(bornAt(orderId) - 60_000)],
  });
  return rows.sort((a, b) => (a.rowId < b.rowId ? -1 : 1));
}

/** Of a UUIDv7, in milliseconds since 1970. */
function bornAt(orderId: string): number {
  return Number.parseInt(orderId.replaceAll('-', '').slice(0, 12), 16);
}

export interface DealtWithRow {
  readonly consumer: string;
  readonly eventId: string;
  readonly outcome: string;
  readonly at: Date;
  readonly partition: number;
  readonly offset: number;
  readonly isHeld: boolean;
}

/** What the consumers of one database made of these events: done with, or in the queue of a held key. */
export async function readDealtWith(db: Queryable, eventIds: readonly string[]): Promise<DealtWithRow[]> {
  const { rows } = await db.query<DealtWithRow>({
    name: 'dashboard_read_dealt_with',
    text: `select consumer, event_id as "eventId", outcome, applied_at as at, partition, kafka_offset as "offset", false as "isHeld"
           from pipeline.processed_events where event_id = any($1::uuid[])
           union all
           select queued.consumer, queued.event_id, held.state || ': ' || held.reason, queued.parked_at, queued.partition,
                  queued.kafka_offset, true
           from pipeline.parked_events as queued join pipeline.parked_keys as held using (consumer, topic, key)
           where queued.event_id = any($1::uuid[])`,
    values: [eventIds],
  });
  return rows;
}

export interface Subscription {
  readonly consumer: string;
  readonly topic: string;
  readonly type: string;
}

/** The event types that the consumers of one database deal with; those that they ignore are not among them. */
export async function readSubscriptions(db: Queryable): Promise<Subscription[]> {
  const { rows } = await db.query<Subscription>({
    name: 'dashboard_read_subscriptions',
    text: `select consumer, topic, type from pipeline.consumer_subscriptions order by consumer, topic, type`,
  });
  return rows;
}
