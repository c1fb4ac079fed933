import { z } from 'zod';
import { PipelineError } from '../platform/errors.ts';
import type { EventSchema } from './event-schema.ts';
import type { RegistryPlace } from './registry-access.ts';
import {
  createRegistryRequest,
  registryUnreachable,
  subjectPath,
  type RegistryAnswer,
} from './registry-request.ts';

/** A reader of the newest version can read every older one, so the whole kept log stays readable. */
export const COMPATIBILITY_LEVEL = 'BACKWARD_TRANSITIVE';

/** What the registry itself thinks of a schema that is not registered yet. */
export interface RegistryVerdict {
  readonly isCompatible: boolean;
  /** Its words; registries are not obliged to have any. */
  readonly messages: readonly string[];
}

/** All its calls throw PipelineError `registry_unreachable` when nobody answers, or not as a registry does. */
export interface SchemaRegistrar {
  /** The id of exactly this schema under its subject, and the number the registry gave it; undefined when it is not registered. */
  find(schema: EventSchema): Promise<{ schemaId: number; version: number } | undefined>;
  /** By the level that the subject has; a subject that does not exist takes anything. Registers nothing. */
  judge(schema: EventSchema): Promise<RegistryVerdict>;
  /**
   * Registering the same schema again gives the same id.
   * @throws PipelineError `schema_incompatible` with the registry's reason
   */
  register(schema: EventSchema): Promise<number>;
  /** Also for a subject that does not exist yet, so that its first schema is never without. */
  setCompatibility(subject: string): Promise<void>;
}

const foundSchema = z.object({ id: z.number().int(), version: z.number().int() });
const registeredSchema = z.object({ id: z.number().int() });
const verdictSchema = z.object({
  is_compatible: z.boolean(),
  messages: z.array(z.string()).nullish(),
});
const refusalSchema = z.object({ message: z.string() });

export function createSchemaRegistrar(registry: RegistryPlace): SchemaRegistrar {
  const request = createRegistryRequest(registry);
  const read = <Schema extends z.ZodType>(schema: Schema, answer: RegistryAnswer): z.infer<Schema> => {
    const body = schema.safeParse(answer.body);
    if (answer.status === 200 && body.success) return body.data;
    throw registryUnreachable(registry, `it answers with status ${answer.status}${reasonIn(answer)}`);
  };
  return {
    async find(schema) {
      const answer = await request('POST', subjectPath('/subjects', schema.subject), bodyOf(schema));
      if (answer.status === 404) return undefined;
      const { id, version } = read(foundSchema, answer);
      return { schemaId: id, version };
    },
    async judge(schema) {
      const path = `/compatibility${subjectPath('/subjects', schema.subject)}/versions?verbose=true`;
      const answer = await request('POST', path, bodyOf(schema));
      if (answer.status === 404) return { isCompatible: true, messages: [] };
      const { is_compatible: isCompatible, messages } = read(verdictSchema, answer);
      return { isCompatible, messages: messages ?? [] };
    },
    async register(schema) {
      const path = `${subjectPath('/subjects', schema.subject)}/versions`;
      const answer = await request('POST', path, bodyOf(schema));
      if (answer.status === 409 || answer.status === 422) throw refused(schema, answer);
      return read(registeredSchema, answer).id;
    },
    async setCompatibility(subject) {
      const answer = await request('PUT', subjectPath('/config', subject), {
        compatibility: COMPATIBILITY_LEVEL,
      });
      read(z.unknown(), answer);
    },
  };
}

/** Without white space: a file that is laid out anew must not become another schema with another id. */
const bodyOf = (schema: EventSchema): { schema: string } => ({
  schema: JSON.stringify(JSON.parse(schema.text)),
});

const reasonIn = ({ body }: RegistryAnswer): string => {
  const refusal = refusalSchema.safeParse(body);
  return refusal.success ? ` (${refusal.data.message})` : '';
};

function refused(schema: EventSchema, answer: RegistryAnswer): PipelineError {
  return new PipelineError(
    'schema_incompatible',
    `The registry refuses ${schema.type} v${schema.version}${reasonIn(answer)}.`,
    { remedy: 'Give new fields a default and keep the old ones, or define a new event type.' },
  );
}
