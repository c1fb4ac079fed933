import avro from 'avsc';
import { z } from 'zod';
import { PipelineError } from '../platform/errors.ts';
import { fingerprintOf } from './event-schema.ts';

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
const ANSWER_WITHIN_MS = 10_000;

/** Reads a registry with the Confluent API; changes nothing. */
export interface RegistryReader {
  /** Names of all subjects, sorted. */
  subjects(): Promise<string[]>;
  /** Undefined when nothing is registered under that name. */
  subject(name: string): Promise<RegisteredSubject | undefined>;
}

/**
 * All its calls throw PipelineError `registry_unreachable` when nobody answers, or not as a registry does.
 * @param registryUrl user and password in it become basic authentication
 */
export function createRegistryReader(registryUrl: string): RegistryReader {
  const { url, headers } = addressOf(registryUrl);
  const find = async <Schema extends z.ZodType>(
    schema: Schema,
    path: string,
  ): Promise<z.infer<Schema> | undefined> => {
    const response = await get(url, path, headers);
    if (response.status === 404) return undefined;
    if (response.status !== 200) throw unreachable(url, `it answers ${path} with status ${response.status}`);
    const body = schema.safeParse(response.body);
    if (!body.success) throw unreachable(url, `it does not answer ${path} as a schema registry does`);
    return body.data;
  };
  const levelOf = async (name: string): Promise<string> => {
    const own = await find(levelSchema, `/config/${encodeURIComponent(name)}`);
    const level = own ?? (await find(levelSchema, '/config'));
    return level?.compatibilityLevel ?? 'NONE';
  };
  return {
    async subjects() {
      const names = await find(subjectsSchema, '/subjects');
      if (names === undefined) throw unreachable(url, 'it has no /subjects');
      return names.sort();
    },
    async subject(name) {
      const path = `/subjects/${encodeURIComponent(name)}/versions`;
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

async function get(
  url: string,
  path: string,
  headers: Record<string, string>,
): Promise<{ status: number; body: unknown }> {
  try {
    const response = await fetch(`${url}${path}`, {
      headers: { accept: 'application/json', ...headers },
      signal: AbortSignal.timeout(ANSWER_WITHIN_MS),
    });
    const text = await response.text();
    return { status: response.status, body: text === '' ? undefined : (JSON.parse(text) as unknown) };
  } catch (error) {
    throw unreachable(url, reasonOf(error), error);
  }
}

function fingerprintOfText(text: string): string | undefined {
  try {
    return fingerprintOf(avro.Type.forSchema(JSON.parse(text) as avro.Schema));
  } catch {
    return undefined;
  }
}

/** fetch refuses an address with credentials in it, and they must not show up in messages. */
function addressOf(text: string): { url: string; headers: Record<string, string> } {
  if (!URL.canParse(text) || !/^https?:$/.test(new URL(text).protocol))
    throw new PipelineError('config_invalid', `"${text}" is not the address of a schema registry.`, {
      remedy: 'Give it as http://host:port/path (REGISTRY_URL).',
    });
  const url = new URL(text);
  const user = `${decodeURIComponent(url.username)}:${decodeURIComponent(url.password)}`;
  url.username = '';
  url.password = '';
  const headers: Record<string, string> =
    user === ':' ? {} : { authorization: `Basic ${Buffer.from(user).toString('base64')}` };
  return { url: url.href.replace(/\/$/, ''), headers };
}

/** fetch hides the reason behind "fetch failed". */
function reasonOf(error: unknown): string {
  if (!Error.isError(error)) return String(error);
  if (error.name === 'TimeoutError') return 'it accepts connections but does not answer';
  const cause = Error.isError(error.cause) ? error.cause : error;
  return 'code' in cause && typeof cause.code === 'string' ? cause.code : cause.message;
}

function unreachable(url: string, reason: string, cause?: unknown): PipelineError {
  return new PipelineError(
    'registry_unreachable',
    `The schema registry at ${new URL(url).host} did not answer: ${reason}.`,
    { remedy: 'Start it (npm run stack -- up registry) or set REGISTRY_URL.', cause },
  );
}
