import type { Queryable } from '../../../src/platform/postgres/statement.ts';
import { violations } from './invariants.ts';
import type { Checked, Violation } from './invariants.ts';

/** By topic, without prefix: the offset that comes next in each partition. */
export type TopicEnds = ReadonlyMap<string, ReadonlyMap<number, number>>;

const READERS = [
  { consumer: 'inventory', topic: 'orders.events', database: 'inventory' },
  { consumer: 'sales', topic: 'orders.events', database: 'sales' },
  { consumer: 'orders', topic: 'inventory.events', database: 'orders' },
] as const;

export interface Lag {
  readonly consumer: string;
  readonly topic: string;
  readonly partition: number;
  readonly records: number;
}

/** Of each partition that a consumer has not read to its end. A partition that it knows nothing of counts from 0. */
export async function readLags(databases: Checked['databases'], ends: TopicEnds): Promise<Lag[]> {
  const lags = await Promise.all(
    READERS.map(async ({ consumer, topic, database }) => {
      const positions = await positionsOf(databases[database], consumer, topic);
      return [...(ends.get(topic) ?? [])].map(([partition, end]) => ({
        consumer,
        topic,
        partition,
        records: end - (positions.get(partition) ?? 0),
      }));
    }),
  );
  return lags.flat().filter(({ records }) => records !== 0);
}

async function positionsOf(db: Queryable, consumer: string, topic: string): Promise<Map<number, number>> {
  const { rows } = await db.query<{ partition: number; next: number }>({
    text: `select partition, next_offset as next from pipeline.consumer_positions where consumer = $1 and topic = $2`,
    values: [consumer, topic],
  });
  return new Map(rows.map(({ partition, next }) => [partition, next]));
}

/** Consumers and the ends of their topics; a position beyond the end is wrong as well. */
export async function checkLag({ databases }: Checked, ends: TopicEnds): Promise<Violation[]> {
  const lags = await readLags(databases, ends);
  return violations(
    'lag-zero',
    lags.map(
      ({ consumer, topic, partition, records }) =>
        `${consumer} is ${records} records behind in ${topic} ${partition}`,
    ),
  );
}
