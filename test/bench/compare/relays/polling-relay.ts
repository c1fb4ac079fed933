import { setTimeout as delay } from 'node:timers/promises';
import type { Producer } from 'kafkajs';
import type { Pool } from '../../../../src/platform/postgres/pool.ts';
import { inTransaction } from '../../../../src/platform/postgres/transaction.ts';
import { recordOf } from './outbox-record.ts';
import type { OutboxRow } from './outbox-record.ts';
import { takeRows } from './polling-statements.ts';
import type { PollingMethod } from './polling-statements.ts';

export interface PollingSettings {
  readonly method: PollingMethod;
  readonly batch: number;
  readonly intervalMs: number;
}

/**
 * The relay that most people write: takes rows, publishes them, commits. If it dies before COMMIT the rows are still there and are
 * published again. One worker a database, which keeps the order of each key.
 */
export async function runPollingRelay(
  { pool, producer, topicPrefix }: { pool: Pool; producer: Producer; topicPrefix: string },
  settings: PollingSettings,
  stopping: AbortSignal,
): Promise<void> {
  while (!stopping.aborted) {
    const published = await inTransaction(pool, async (tx) => {
      const { rows } = await tx.query<OutboxRow>(takeRows(settings.method, settings.batch));
      if (rows.length > 0) await publish(producer, topicPrefix, rows);
      return rows.length;
    });
    // A full batch: more is waiting.
    if (published < settings.batch)
      await delay(settings.intervalMs, undefined, { signal: stopping }).catch(() => undefined);
  }
}

async function publish(producer: Producer, topicPrefix: string, rows: OutboxRow[]): Promise<void> {
  const readAt = Date.now();
  rows.sort((a, b) => (a.id < b.id ? -1 : 1));
  const topicMessages = [...Map.groupBy(rows, ({ topic }) => topic)].map(([topic, ofTopic]) => ({
    topic: topicPrefix + topic,
    messages: ofTopic.map((row) => recordOf(row, readAt)),
  }));
  await producer.sendBatch({ acks: -1, topicMessages });
}
