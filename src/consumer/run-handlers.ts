import { PipelineError } from '../platform/errors.ts';
import type { ConsumedEvent, ConsumerReading, Effect } from './define-consumer.ts';
import { describePlace } from './describe-place.ts';
import { failureFrom } from './failure.ts';
import type { Failure } from './failure.ts';
import type { ReceivedEvent } from './receive-records.ts';

/** What handlers want changed, by the event's place in the batch. */
export interface HandledEvents<Change> {
  readonly effects: ReadonlyMap<number, Effect<Change>>;
  /** Runs the handler of one event; gives what it failed with. */
  readonly tryHandler: (index: number) => Failure | undefined;
}

/** Handlers touch nothing but memory, so it is known before the first statement which events fail by themselves. */
export function runHandlers<Payloads, Change>(
  definition: ConsumerReading<Payloads, Change>,
  events: readonly ReceivedEvent[],
): HandledEvents<Change> {
  const effects = new Map<number, Effect<Change>>();
  return {
    effects,
    tryHandler(index) {
      const content = events[index]?.content;
      if (content?.use !== 'apply') return undefined;
      try {
        effects.set(index, { event: content.event, change: handle(definition, content.event) });
        return undefined;
      } catch (error) {
        return failureFrom(handlerFailed(content.event, error));
      }
    },
  };
}

function handle<Payloads, Change>(
  definition: ConsumerReading<Payloads, Change>,
  event: ConsumedEvent,
): Change {
  // The compiler has checked handlers against payload types; the decoder has checked this payload against its type's schema.
  const handlers = definition.handlers as Readonly<
    Record<string, 'ignore' | ((event: ConsumedEvent) => Change)>
  >;
  const handler = handlers[event.type];
  if (typeof handler !== 'function')
    throw new TypeError(`Consumer ${definition.name} has no handler for ${event.type}.`);
  return handler(event);
}

function handlerFailed(event: ConsumedEvent, error: unknown): PipelineError {
  const reason = Error.isError(error) ? error.message : String(error);
  return new PipelineError(
    'event_handler_failed',
    `The handler for ${event.type} failed: ${reason}. ${describePlace(event)}.`,
    { remedy: 'Mend the handler, deploy it, then redrive the key.', cause: error },
  );
}
