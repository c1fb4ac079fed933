import { PipelineError } from '../platform/errors.ts';

/** What a registry answered, whatever the status. */
export interface RegistryAnswer {
  readonly status: number;
  /** Undefined when there was none. */
  readonly body: unknown;
}

/** One request to a registry with the Confluent API. @throws PipelineError `registry_unreachable` */
export type RegistryRequest = (
  method: 'GET' | 'POST' | 'PUT',
  path: string,
  body?: object,
) => Promise<RegistryAnswer>;

const ANSWER_WITHIN_MS = 10_000;

/**
 * @param registryUrl user and password in it become basic authentication
 * @throws PipelineError `config_invalid` when it is no address
 */
export function createRegistryRequest(registryUrl: string): RegistryRequest {
  const { url, user } = registryAddress(registryUrl);
  const headers: Record<string, string> =
    user === undefined
      ? {}
      : {
          authorization: `Basic ${Buffer.from(`${user.username}:${user.password}`).toString('base64')}`,
        };
  return async (method, path, body) => {
    try {
      const response = await fetch(`${url}${path}`, {
        method,
        headers: {
          accept: 'application/vnd.schemaregistry.v1+json, application/json',
          ...(body === undefined ? {} : { 'content-type': 'application/vnd.schemaregistry.v1+json' }),
          ...headers,
        },
        ...(body === undefined ? {} : { body: JSON.stringify(body) }),
        signal: AbortSignal.timeout(ANSWER_WITHIN_MS),
      });
      const text = await response.text();
      return { status: response.status, body: text === '' ? undefined : (JSON.parse(text) as unknown) };
    } catch (error) {
      throw registryUnreachable(registryUrl, reasonOf(error), error);
    }
  };
}

/** `/subjects` or `/config` of one subject; its name may have any character. */
export const subjectPath = (root: '/subjects' | '/config', subject: string): string =>
  `${root}/${encodeURIComponent(subject)}`;

export function registryUnreachable(registryUrl: string, reason: string, cause?: unknown): PipelineError {
  return new PipelineError(
    'registry_unreachable',
    `The schema registry at ${new URL(registryUrl).host} did not answer: ${reason}.`,
    { remedy: 'Start it (npm run stack -- up registry) or set REGISTRY_URL.', cause },
  );
}

/**
 * The address without credentials, which fetch refuses in an address and which must not show up in messages.
 * @throws PipelineError `config_invalid`
 */
export function registryAddress(text: string): {
  url: string;
  user: { username: string; password: string } | undefined;
} {
  if (!URL.canParse(text) || !/^https?:$/.test(new URL(text).protocol))
    // Not quoted: there may be a password in it.
    throw new PipelineError('config_invalid', 'That is no address of a schema registry.', {
      remedy: 'Give it as http://host:port/path or https://… (REGISTRY_URL).',
    });
  const url = new URL(text);
  const [username, password] = [decodeURIComponent(url.username), decodeURIComponent(url.password)];
  url.username = '';
  url.password = '';
  return {
    url: url.href.replace(/\/$/, ''),
    user: username === '' && password === '' ? undefined : { username, password },
  };
}

/** fetch hides the reason behind "fetch failed". */
function reasonOf(error: unknown): string {
  if (!Error.isError(error)) return String(error);
  if (error.name === 'TimeoutError') return 'it accepts connections but does not answer';
  if (error.name === 'SyntaxError') return 'it does not answer in JSON';
  const cause = Error.isError(error.cause) ? error.cause : error;
  return 'code' in cause && typeof cause.code === 'string' ? cause.code : cause.message;
}
