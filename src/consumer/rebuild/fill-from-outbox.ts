import type { Decoder } from '../../events/decoder.ts';
import type { Queryable } from '../../platform/postgres/statement.ts';
import type { Transaction } from '../../platform/postgres/transaction.ts';
import type { LogRecord } from '../read-envelope.ts';
import type { RebuildDefinition } from './define-rebuild.ts';
import { countWork, type Reach } from './rebuild-rows.ts';
import { replayRecords } from './replay-records.ts';
import { selectRecorded } from './replay-rows.ts';
import { lookInto } from './second-schema.ts';

export interface FillFromOutbox {
  readonly definition: RebuildDefinition;
  readonly decoder: Decoder;
  /** The schema of the second state. */
  readonly second: string;
  /** Outboxes that may have rows of the topic, each as a role that may read it. */
  readonly outboxes: readonly Queryable[];
  readonly reaches: readonly Reach[];
  /** By partition, the first offset that the topic still has. */
  readonly logStarts: ReadonlyMap<number, number>;
}

/** A row of an outbox, with all that its record had. */
interface SaidRow {
  readonly id: string;
  readonly eventId: string;
  readonly key: string;
  readonly keySeq: number;
  readonly type: string;
  readonly aggregateId: string;
  readonly payload: Buffer;
  readonly schemaFingerprint: string;
  readonly traceparent: string | null;
  readonly occurredAt: Date;
}

const PAGE = 2_000;
const FIRST_ID = '00000000-0000-0000-0000-000000000000';

/**
 * Replays, from the rows of the outboxes, the events that the live consumer has recorded at places which the topic no longer has. The
 * rest is read from the topic as ever. In the transaction that begins the rebuild: all of it, or nothing.
 * @returns how many events
 */
export async function fillFromOutbox(tx: Transaction, fill: FillFromOutbox): Promise<number> {
  const { definition, logStarts } = fill;
  const starts = new Map(fill.reaches.map(({ partition, liveStart }) => [partition, liveStart]));
  const startedAt = performance.now();
  await lookInto(tx, fill.second);
  await leaveQueued(tx, definition, logStarts);
  let events = 0;
  for (const outbox of fill.outboxes)
    for await (const page of readSaid(outbox, definition.topic)) {
      const recorded = await selectRecorded(
        tx,
        definition.consumer,
        page.map(({ eventId }) => eventId),
      );
      const gone = page.flatMap((row) => {
        const { partition, offset } = recorded.get(row.eventId) ?? { partition: -1, offset: -1 };
        const isGone =
          offset >= (starts.get(partition) ?? Infinity) && offset < (logStarts.get(partition) ?? 0);
        return isGone ? [{ partition, record: toRecord(row, offset) }] : [];
      });
      for (const [partition, some] of Map.groupBy(gone, (one) => one.partition))
        await replayRecords(
          tx,
          { definition, decoder: fill.decoder, fromBeginning: false },
          {
            partition,
            records: some.map(({ record }) => record),
            liveStart: starts.get(partition) ?? 0,
            isComplete: false,
          },
        );
      events += gone.length;
    }
  await countWork(tx, definition.consumer, events, performance.now() - startedAt);
  return events;
}

async function* readSaid(outbox: Queryable, topic: string): AsyncGenerator<SaidRow[]> {
  for (let after = FIRST_ID; ;) {
    const { rows } = await outbox.query<SaidRow>({
      name: 'rebuild_read_outbox',
      text: `select id, event_id as "eventId", partition_key as key, key_seq as "keySeq", event_type as type,
                    aggregate_id as "aggregateId", payload, schema_fingerprint as "schemaFingerprint", traceparent,
                    occurred_at as "occurredAt"
             from pipeline.outbox where topic = $1 and id > $2 order by id limit $3`,
      values: [topic, after, PAGE],
    });
    if (rows.length > 0) yield rows;
    const last = rows.at(-1);
    if (last === undefined || rows.length < PAGE) return;
    after = last.id;
  }
}

/** As Debezium makes it of the row (connectors/). */
const toRecord = (row: SaidRow, offset: number): LogRecord => ({
  offset: String(offset),
  timestamp: String(row.occurredAt.getTime()),
  key: Buffer.from(row.key, 'utf8'),
  value: row.payload,
  headers: {
    id: row.eventId,
    eventType: row.type,
    aggregateId: row.aggregateId,
    keySeq: String(row.keySeq),
    schemaFingerprint: row.schemaFingerprint,
    occurredAt: row.occurredAt.toISOString(),
    ...(row.traceparent !== null && { traceparent: row.traceparent }),
  },
});

/** What is held back now may be let go while the rebuild is under way, and would not be met in the topic. */
async function leaveQueued(
  tx: Transaction,
  { consumer, topic }: RebuildDefinition,
  logStarts: ReadonlyMap<number, number>,
): Promise<void> {
  await tx.query({
    name: 'rebuild_leave_queued',
    text: `insert into pipeline.rebuild_left (consumer, partition, kafka_offset, event_id, key, key_seq, value, headers)
           select consumer, queued.partition, kafka_offset, event_id, key, key_seq, value, headers
           from pipeline.parked_events as queued
           join unnest($3::int[], $4::bigint[]) as log (partition, start) on log.partition = queued.partition
           where consumer = $1 and topic = $2 and kafka_offset < log.start`,
    values: [consumer, topic, [...logStarts.keys()], [...logStarts.values()]],
  });
}
