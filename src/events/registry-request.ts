import { PipelineError } from '../platform/errors.ts';
import { httpExchange } from '../platform/http/http-exchange.ts';
import { hangUpRemedy, tlsRemedy, tlsTrouble } from '../platform/tls-trouble.ts';
import { accessOf, registryAddress, type RegistryPlace } from './registry-access.ts';

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

/** @throws PipelineError `config_invalid` when it is no address */
export function createRegistryRequest(place: RegistryPlace): RegistryRequest {
  const address = registryAddress(place);
  const exchange = httpExchange([address], accessOf(place).tls);
  return async (method, path, body) => {
    try {
      const { status, text } = await exchange(address, {
        method,
        path,
        body: body && JSON.stringify(body),
        mediaType: 'application/vnd.schemaregistry.v1+json',
        timeoutMs: ANSWER_WITHIN_MS,
      });
      if (status !== 401 && status !== 403)
        return { status, body: text === '' ? undefined : (JSON.parse(text) as unknown) };
      throw new NotLetInError(`it answers with status ${status}`);
    } catch (error) {
      throw registryUnreachable(place, reasonOf(error), error);
    }
  };
}

/** `/subjects` or `/config` of one subject; its name may have any character. */
export const subjectPath = (root: '/subjects' | '/config', subject: string): string =>
  `${root}/${encodeURIComponent(subject)}`;

export function registryUnreachable(place: RegistryPlace, reason: string, cause?: unknown): PipelineError {
  const { url } = registryAddress(place);
  return new PipelineError(
    'registry_unreachable',
    `The schema registry at ${new URL(url).host} did not answer: ${reason}.`,
    {
      remedy: remedyFor(url, cause),
      cause,
    },
  );
}

/** It is there, but not for us. */
class NotLetInError extends Error {
  override readonly name = 'NotLetInError';
}

function remedyFor(url: string, cause: unknown): string {
  if (cause instanceof NotLetInError)
    return 'Mend REGISTRY_USER and REGISTRY_PASSWORD, or user and password in REGISTRY_URL.';
  const tls = tlsTrouble(cause);
  if (tls !== undefined)
    return tlsRemedy(tls, 'REGISTRY', 'Let REGISTRY_URL begin with http://, or have it speak TLS.');
  return codeOf(cause) === 'ECONNRESET'
    ? hangUpRemedy(url, 'REGISTRY')
    : 'Start it (npm run stack -- up registry) or set REGISTRY_URL.';
}

function reasonOf(error: unknown): string {
  if (!Error.isError(error)) return String(error);
  if (error.name === 'TimeoutError') return 'it accepts connections but does not answer';
  if (error.name === 'SyntaxError') return 'it does not answer in JSON';
  const reason = tlsTrouble(error)?.reason ?? codeOf(error);
  return reason === '' ? error.message : reason;
}

const codeOf = (error: unknown): string =>
  Error.isError(error) && 'code' in error && typeof error.code === 'string' ? error.code : '';
