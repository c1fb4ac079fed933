import { defineEvent } from './define-event.ts';
import type { EventDefinition } from './define-event.ts';

/** A topic and every event type that may stand in it. `Payloads` maps type names to generated payload types. */
export interface TopicDefinition<Payloads> {
  readonly name: string;
  readonly partitions: number;
  readonly retentionMs: number;
  readonly events: { readonly [Type in keyof Payloads & string]: EventDefinition<Payloads[Type]> };
  readonly aggregateIds?: AggregateIds<Payloads>;
}

/** How log lines name what an event is about, such as `orderId`. A type that is not in it is about nothing that may be logged. */
export type AggregateIds<Payloads> = { readonly [Type in keyof Payloads & string]?: string };

/**
 * @param options.versions for each event type the version that this build writes, as generated from `schemas/`
 * @throws PipelineError `schema_invalid`
 */
export function defineTopic<Payloads>(options: {
  schemas: URL;
  name: string;
  partitions: number;
  retentionMs: number;
  versions: { readonly [Type in keyof Payloads & string]: number };
  aggregateIds?: AggregateIds<Payloads>;
}): TopicDefinition<Payloads> {
  const { schemas, name, partitions, retentionMs, aggregateIds } = options;
  const events = Object.fromEntries(
    Object.entries<number>(options.versions).map(([type, version]) => [
      type,
      defineEvent({ schemas, topic: name, type, version }),
    ]),
  );
  return {
    ...{ name, partitions, retentionMs },
    events: events as TopicDefinition<Payloads>['events'],
    ...(aggregateIds !== undefined && { aggregateIds }),
  };
}
