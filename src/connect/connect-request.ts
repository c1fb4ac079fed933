import { setTimeout as delay } from 'node:timers/promises';
import { PipelineError } from '../platform/errors.ts';

export interface ConnectAnswer {
  readonly status: number;
  /** Parsed JSON, or undefined for an empty body or one that isn't JSON. */
  readonly body: unknown;
}

export interface ConnectRequest {
  /** Without user and password. */
  readonly url: string;
  send(method: string, path: string, body?: unknown): Promise<ConnectAnswer>;
}

const RETRY_EVERY_MS = 250;

/**
 * Sends requests to one worker until there is an answer worth reading: a rebalance, an overloaded worker and a timeout are tried
 * again until `retryForMs` has passed. A refused connection is not: nobody is there.
 * @throws PipelineError `connect_unreachable`; `config_invalid` for an address that is none.
 */
export function connectRequest(options: {
  url: string;
  requestTimeoutMs?: number;
  retryForMs?: number;
}): ConnectRequest {
  const { url, headers } = addressOf(options.url);
  const attempt = async (method: string, path: string, body: unknown): Promise<ConnectAnswer> => {
    const response = await fetch(`${url}${path}`, {
      method,
      headers: {
        accept: 'application/json',
        ...(body === undefined ? {} : { 'content-type': 'application/json' }),
        ...headers,
      },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
      signal: AbortSignal.timeout(options.requestTimeoutMs ?? 10_000),
    });
    return { status: response.status, body: jsonOrNothing(await response.text()) };
  };
  const send = async (method: string, path: string, body?: unknown): Promise<ConnectAnswer> => {
    const deadline = Date.now() + (options.retryForMs ?? 30_000);
    for (;;) {
      const answer = await attempt(method, path, body).catch((error: unknown) => ({ error }));
      const again = 'error' in answer ? mayPass(answer.error) : isBusy(answer);
      if (again && Date.now() < deadline) {
        await delay(RETRY_EVERY_MS);
        continue;
      }
      if ('error' in answer) throw unreachable(url, answer.error);
      return answer;
    }
  };
  return { url, send };
}

/** Connect's other 409; the first is a rebalance. */
export function alreadyExists(answer: ConnectAnswer): boolean {
  return answer.status === 409 && /already exists/i.test(JSON.stringify(answer.body ?? ''));
}

/** The worker is between two states: a rebalance, a config it has not read yet, or its own 90 s timeout. */
function isBusy(answer: ConnectAnswer): boolean {
  const text = JSON.stringify(answer.body ?? '');
  if (answer.status === 409) return !alreadyExists(answer);
  if (answer.status === 500) return /timed out|forward REST request|not currently|herder is/i.test(text);
  return answer.status === 503 || answer.status === 504 || answer.status === 502;
}

/** A request without an answer may or may not have worked; asking again is harmless. A refused one never reached anybody. */
function mayPass(error: unknown): boolean {
  if (error instanceof Error && error.name === 'TimeoutError') return true;
  return [
    'ECONNRESET',
    'UND_ERR_SOCKET',
    'EPIPE',
    'UND_ERR_HEADERS_TIMEOUT',
    'UND_ERR_BODY_TIMEOUT',
  ].includes(networkCode(error));
}

function networkCode(error: unknown): string {
  const cause = causeOf(error);
  return cause instanceof Error && 'code' in cause ? String(cause.code) : '';
}

/** fetch hides the reason behind "fetch failed". */
function causeOf(error: unknown): unknown {
  return error instanceof Error && error.cause !== undefined ? error.cause : error;
}

function unreachable(url: string, error: unknown): PipelineError {
  const timedOut = error instanceof Error && error.name === 'TimeoutError';
  const reason = timedOut
    ? 'it accepts connections but does not answer'
    : networkCode(error) || String(causeOf(error));
  return new PipelineError('connect_unreachable', `Kafka Connect can't be reached at ${url} (${reason}).`, {
    remedy: 'Start it (`npm run stack -- up`) or give its address (--connect URL, or CONNECT_URL).',
    cause: error,
  });
}

/** fetch refuses an address with credentials in it, and they must not show up in messages. */
function addressOf(text: string): { url: string; headers: Record<string, string> } {
  if (!URL.canParse(text) || !/^https?:$/.test(new URL(text).protocol))
    throw new PipelineError('config_invalid', `"${text}" is not the address of a Kafka Connect worker.`, {
      remedy: 'Give one like http://127.0.0.1:18083.',
    });
  const address = new URL(text);
  const user = decodeURIComponent(address.username);
  const credentials = Buffer.from(`${user}:${decodeURIComponent(address.password)}`).toString('base64');
  address.username = '';
  address.password = '';
  return {
    url: address.href.replace(/\/+$/, ''),
    headers: user === '' ? {} : { authorization: `Basic ${credentials}` },
  };
}

function jsonOrNothing(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
