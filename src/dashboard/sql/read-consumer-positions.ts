import type { Queryable } from '../../platform/postgres/statement.ts';

export interface ConsumerPosition {
  readonly consumer: string;
  /** Without TOPIC_PREFIX. */
  readonly topic: string;
  readonly partition: number;
  readonly nextOffset: number;
}

/** How far the consumers of this database are. */
export async function readConsumerPositions(db: Queryable): Promise<ConsumerPosition[]> {
  const { rows } = await db.query<ConsumerPosition>({
    name: 'dashboard_read_consumer_positions',
    text: `select consumer, topic, partition, next_offset as "nextOffset" from pipeline.consumer_positions
           order by consumer, topic, partition`,
  });
  return rows;
}
