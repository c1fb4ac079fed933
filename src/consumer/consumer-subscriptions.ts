import type { Queryable } from '../platform/postgres/statement.ts';
import type { ConsumerDefinition } from './define-consumer.ts';

/**
 * Writes down which event types this consumer reads, and since when (the database's clock). A type that is there keeps
 * its time. Ignored types count as well: they are recorded as processed.
 */
export async function recordSubscriptions<Payloads, Change>(
  db: Queryable,
  definition: ConsumerDefinition<Payloads, Change>,
): Promise<void> {
  await db.query({
    name: 'consumer_record_subscriptions',
    text: `insert into pipeline.consumer_subscriptions (consumer, topic, type)
           select $1, $2, type from unnest($3::text[]) as type
           on conflict do nothing`,
    values: [definition.name, definition.topic.name, Object.keys(definition.handlers)],
  });
}
