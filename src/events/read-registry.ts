import avro from 'avsc';
import { z } from 'zod';
import { fingerprintOf } from './event-schema.ts';
import type { RegistryPlace } from './registry-access.ts';
import { createRegistryRequest, registryUnreachable, subjectPath } from './registry-request.ts';

/** One version of a subject as the registry keeps it. */
export interface RegisteredSchema {
  readonly subject: string;
  /** Counted by the registry: the n-th schema that was registered under the subject. */
  readonly version: number;
  readonly schemaId: number;
  readonly text: string;
  /** As of our files (`fingerprintOf`): equal when both write the same bytes. Undefined for what is no Avro schema. */
  readonly fingerprint: string | undefined;
}

export interface RegisteredSubject {
  readonly subject: string;
  /** The subject's own level, else the registry's. */
  readonly compatibility: string;
  /** Oldest first. */
  readonly versions: readonly RegisteredSchema[];
}

const subjectsSchema = z.array(z.string());
const versionsSchema = z.array(z.number().int());
const versionSchema = z.object({
  subject: z.string(),
  version: z.number().int(),
  id: z.number().int(),
  schema: z.string(),
});
const levelSchema = z.object({ compatibilityLevel: z.string() });

/** Reads a registry with the Confluent API; changes nothing. */
export interface RegistryReader {
  /** Names of all subjects, sorted. */
  subjects(): Promise<string[]>;
  /** Undefined when nothing is registered under that name. */
  subject(name: string): Promise<RegisteredSubject | undefined>;
}

/** All its calls throw PipelineError `registry_unreachable` when nobody answers, or not as a registry does. */
export function createRegistryReader(registry: RegistryPlace): RegistryReader {
  const request = createRegistryRequest(registry);
  const unreachable = (reason: string) => registryUnreachable(registry, reason);
  const find = async <Schema extends z.ZodType>(
    schema: Schema,
    path: string,
  ): Promise<z.infer<Schema> | undefined> => {
    const response = await request('GET', path);
    if (response.status === 404) return undefined;
    if (response.status !== 200) throw unreachable(`it answers ${path} with status ${response.status}`);
    const body = schema.safeParse(response.body);
    if (!body.success) throw unreachable(`it does not answer ${path} as a schema registry does`);
    return body.data;
  };
  const levelOf = async (name: string): Promise<string> => {
    const own = await find(levelSchema, subjectPath('/config', name));
    const level = own ?? (await find(levelSchema, '/config'));
    return level?.compatibilityLevel ?? 'NONE';
  };
  return {
    async subjects() {
      const names = await find(subjectsSchema, '/subjects');
      if (names === undefined) throw unreachable('it has no /subjects');
      return names.sort();
    },
    async subject(name) {
      const path = `${subjectPath('/subjects', name)}/versions`;
      const numbers = await find(versionsSchema, path);
      if (numbers === undefined || numbers.length === 0) return undefined;
      const versions = await Promise.all(
        numbers.map((version) => find(versionSchema, `${path}/${String(version)}`)),
      );
      return {
        subject: name,
        compatibility: await levelOf(name),
        versions: versions
          .filter((version) => version !== undefined)
          .map(({ version, id, schema }) => ({
            subject: name,
            version,
            schemaId: id,
            text: schema,
            fingerprint: fingerprintOfText(schema),
          }))
          .sort((a, b) => a.version - b.version),
      };
    },
  };
}

function fingerprintOfText(text: string): string | undefined {
  try {
    return fingerprintOf(avro.Type.forSchema(JSON.parse(text) as avro.Schema));
  } catch {
    return undefined;
  }
}
