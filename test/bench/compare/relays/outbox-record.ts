import type { Message } from 'kafkajs';

/** A row of the outbox, as a relay reads it. */
export interface OutboxRow {
  readonly id: string;
  readonly event_id: string;
  readonly topic: string;
  readonly partition_key: string;
  readonly key_seq: number;
  readonly event_type: string;
  readonly aggregate_id: string;
  readonly payload: Buffer;
  readonly schema_fingerprint: string;
  readonly traceparent: string | null;
  readonly occurred_at: Date;
}

/** The record that the outbox connector makes of this row: same key, bytes and headers. */
export function recordOf(row: OutboxRow, readAt: number): Message {
  return {
    key: row.partition_key,
    value: row.payload,
    headers: {
      id: row.event_id,
      eventType: row.event_type,
      aggregateId: row.aggregate_id,
      keySeq: String(row.key_seq),
      schemaFingerprint: row.schema_fingerprint,
      occurredAt: row.occurred_at.toISOString(),
      ...(row.traceparent === null ? {} : { traceparent: row.traceparent }),
      readAt: String(readAt),
    },
  };
}
