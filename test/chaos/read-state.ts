import { readTopicEnds } from '../../src/platform/kafka/read-topic-ends.ts';
import { readLags } from '../support/invariants/check-lag.ts';
import type { TopicEnds } from '../support/invariants/check-lag.ts';
import type { Checked } from '../support/invariants/invariants.ts';
import { testKafka } from '../support/test-stack.ts';
import type { Storm } from './storm.ts';

const topics = ['orders.events', 'inventory.events'] as const;

export async function readEnds({ pipeline }: Pick<Storm, 'pipeline'>): Promise<TopicEnds> {
  const prefixed = topics.map((topic) => pipeline.topicPrefix + topic);
  const ends = await readTopicEnds(testKafka(), prefixed);
  return new Map(
    [...ends].map(([topic, partitions]) => [topic.slice(pipeline.topicPrefix.length), partitions]),
  );
}

export function databasesOf({ pipeline }: Pick<Storm, 'pipeline'>): Checked['databases'] {
  const { orders, inventory, sales } = pipeline.databases;
  return {
    orders: orders.pool,
    inventory: inventory.pool,
    sales: sales.pool,
    close: () => Promise.resolve(),
  };
}

/** In a line, for who looks on: where load and consumers are. Says so when something does not answer. */
export async function readState(storm: Storm): Promise<string> {
  const { counts, open } = storm.load;
  const told = `${counts.orders} orders, ${counts.cancels} cancels, ${counts.returns} returns answered, ${open} open, ${counts.retries} retries`;
  try {
    const lags = await readLags(databasesOf(storm), await readEnds(storm));
    const by = Map.groupBy(lags, ({ consumer }) => consumer);
    // A consumer can have moved on since the ends were read.
    const lag = [...by].map(
      ([consumer, all]) => `${consumer} ${all.reduce((sum, { records }) => sum + Math.max(0, records), 0)}`,
    );
    return `${told}; lag ${lag.join(', ') || '0'}`;
  } catch {
    return `${told}; lag not known`;
  }
}
