import { followTopics } from '../../../src/platform/kafka/follow-topics.ts';
import type { Queryable } from '../../../src/platform/postgres/statement.ts';
import { waitUntil } from '../../../src/platform/wait-until.ts';
import { testKafka } from '../../support/test-stack.ts';

/** When something was done for each order, in milliseconds since 1970, by order id. */
export type Moments = ReadonlyMap<string, number>;

/** The commit of the inventory's transaction that reserved the stock (track_commit_timestamp). */
export const readApplied = (inventory: Queryable): Promise<Moments> =>
  readCommits(inventory, {
    name: 'bench_read_applied',
    text: `select order_id as id, extract(epoch from pg_xact_commit_timestamp(xmin))::float8 * 1000 as at
           from inventory.reservations`,
  });

/** The commit of the order service's transaction that made it CONFIRMED. */
export const readSettled = (orders: Queryable): Promise<Moments> =>
  readCommits(orders, {
    name: 'bench_read_settled',
    text: `select order_id as id, extract(epoch from pg_xact_commit_timestamp(xmin))::float8 * 1000 as at
           from orders.orders where status <> 'PLACED'`,
  });

async function readCommits(db: Queryable, statement: { name: string; text: string }): Promise<Moments> {
  const { rows } = await db.query<{ id: string; at: number }>(statement);
  return new Map(rows.map(({ id, at }) => [id, at]));
}

/**
 * When the broker took each order's first OrderPlaced (the topic has LogAppendTime), by order id; read after the measurement, so
 * that nothing else reads the topic meanwhile.
 * @param since milliseconds since 1970
 */
export async function readInKafka(
  topic: string,
  since: number,
  orders: ReadonlySet<string>,
): Promise<Moments> {
  const moments = new Map<string, number>();
  const following = await followTopics({
    kafka: testKafka(),
    topics: [topic],
    from: { time: Math.floor(since) },
    onRecord: ({ headers, timestamp }) => {
      const id = headers['aggregateId'];
      if (headers['eventType'] === 'OrderPlaced' && id !== undefined && orders.has(id) && !moments.has(id))
        moments.set(id, timestamp);
    },
  });
  try {
    await waitUntil(() => moments.size === orders.size, {
      timeoutMs: 180_000,
      what: `${orders.size} orders in ${topic}`,
    });
  } finally {
    await following.stop();
  }
  return moments;
}
