import { readEventSchema } from './event-schema.ts';
import type { EventSchema } from './event-schema.ts';

declare const payloadType: unique symbol;

/** An event type and the version of its schema that this build writes. `Payload` is the generated type of that version. */
export interface EventDefinition<Payload> extends EventSchema {
  readonly [payloadType]?: Payload;
}

/**
 * @param options.schemas the folder `schemas/`
 * @param options.version the version that is written; readers take any older one as well
 * @throws PipelineError `schema_invalid`
 */
export function defineEvent<Payload>(options: {
  schemas: URL;
  topic: string;
  type: string;
  version: number;
}): EventDefinition<Payload> {
  return readEventSchema(options.schemas, options.topic, options.type, options.version);
}
