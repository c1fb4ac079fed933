import { PipelineError } from '../platform/errors.ts';
import type { Transaction } from '../platform/postgres/transaction.ts';
import type { ConsumedEvent, ConsumerDefinition, Effect } from './define-consumer.ts';
import { describePlace } from './describe-place.ts';
import type { ReceivedEvent } from './receive-records.ts';

/**
 * Runs the handlers, then the consumer's own statements.
 * @returns one outcome word per event, same order.
 * @throws PipelineError `event_handler_failed` naming the event whose handler threw; errors of `apply` as they are.
 */
export async function applyEffects<Payloads, Change>(
  tx: Transaction,
  definition: ConsumerDefinition<Payloads, Change>,
  received: readonly ReceivedEvent[],
  now: Date,
): Promise<readonly string[]> {
  if (received.length === 0) return [];
  const effects = received.map(({ event }) => ({ event, change: handle(definition, event) }));
  const outcomes = await definition.apply(tx, effects satisfies Effect<Change>[], {
    now,
    consumer: definition.name,
  });
  if (outcomes.length !== effects.length)
    throw new PipelineError(
      'event_handler_failed',
      `apply of consumer ${definition.name} returned ${outcomes.length} outcomes for ${effects.length} effects.`,
      { remedy: 'Return one outcome word per effect, in the same order.' },
    );
  return outcomes;
}

function handle<Payloads, Change>(
  definition: ConsumerDefinition<Payloads, Change>,
  event: ConsumedEvent,
): Change {
  // The compiler has checked handlers against payload types; the decoder has checked this payload against its type's schema.
  const handlers = definition.handlers as Readonly<
    Record<string, 'ignore' | ((event: ConsumedEvent) => Change)>
  >;
  const handler = handlers[event.type];
  if (typeof handler !== 'function')
    throw new TypeError(`Consumer ${definition.name} has no handler for ${event.type}.`);
  try {
    return handler(event);
  } catch (error) {
    throw new PipelineError(
      'event_handler_failed',
      `The handler for ${event.type} failed: ${(error as Error).message}. ${describePlace(event)}.`,
      { remedy: 'Mend the handler, deploy it and start again: the position has not moved.', cause: error },
    );
  }
}
