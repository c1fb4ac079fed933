import { setTimeout as delay } from 'node:timers/promises';
import type { Access } from '../platform/access.ts';
import { PipelineError } from '../platform/errors.ts';
import type { HttpAddress } from '../platform/http/http-address.ts';
import { httpExchange } from '../platform/http/http-exchange.ts';
import { hangUpRemedy, tlsRemedy, tlsTrouble } from '../platform/tls-trouble.ts';
import { connectAddresses } from './connect-address.ts';

export interface ConnectAnswer {
  readonly status: number;
  /** Parsed JSON, or undefined for an empty body or one that isn't JSON. */
  readonly body: unknown;
}

export interface ConnectRequest {
  /** The worker that is asked now, without user and password. */
  readonly url: string;
  send(method: string, path: string, body?: unknown): Promise<ConnectAnswer>;
}

export interface ConnectRequestOptions extends Access {
  /** One worker, or several of the same cluster separated by commas. */
  readonly url: string;
  readonly requestTimeoutMs?: number;
  readonly retryForMs?: number;
}

const RETRY_EVERY_MS = 250;

/**
 * Sends requests to a cluster until there is an answer worth reading: a rebalance, an overloaded worker and a timeout are tried
 * again until `retryForMs` has passed. A worker that can't be reached is left for the next one, which is asked from then on; where
 * none is left and all of them refused the connection nobody is there, and waiting would not help.
 * @throws PipelineError `connect_unreachable`; `config_invalid` for an address that is none.
 */
export function connectRequest(options: ConnectRequestOptions): ConnectRequest {
  const addresses = connectAddresses(options.url, options);
  const exchange = httpExchange(addresses, options.tls);
  const timeoutMs = options.requestTimeoutMs ?? 10_000;
  let turn = 0;
  const current = (): HttpAddress => addresses[turn % addresses.length] as HttpAddress;
  /** Each worker once, from the one that answered last. */
  const round = async (method: string, path: string, body: string | undefined): Promise<Round> => {
    const failures: Failure[] = [];
    for (const _ of addresses) {
      const address = current();
      try {
        const { status, text } = await exchange(address, { method, path, body, timeoutMs });
        const answer = { status, body: jsonOrNothing(text) };
        if (!isDown(status)) return { answer, failures };
        failures.push({ url: address.url, answer });
      } catch (error) {
        failures.push({ url: address.url, error });
      }
      turn++;
    }
    return { answer: failures.find(({ answer }) => answer !== undefined)?.answer, failures };
  };
  return {
    get url() {
      return current().url;
    },
    async send(method, path, body) {
      const deadline = Date.now() + (options.retryForMs ?? 30_000);
      const text = body === undefined ? undefined : JSON.stringify(body);
      for (;;) {
        const { answer, failures } = await round(method, path, text);
        const again =
          answer === undefined
            ? failures.some(({ error }) => mayPass(error))
            : isBusy(answer) || isDown(answer.status);
        if (!again || Date.now() >= deadline) {
          if (answer !== undefined) return answer;
          throw unreachable(failures);
        }
        await delay(RETRY_EVERY_MS);
      }
    },
  };
}

interface Failure {
  readonly url: string;
  readonly error?: unknown;
  readonly answer?: ConnectAnswer;
}

interface Round {
  readonly answer: ConnectAnswer | undefined;
  readonly failures: readonly Failure[];
}

/** Connect's other 409; the first is a rebalance. */
export function alreadyExists(answer: ConnectAnswer): boolean {
  return answer.status === 409 && /already exists/i.test(JSON.stringify(answer.body ?? ''));
}

/** The worker is between two states: a rebalance, a config it has not read yet, or its own 90 s timeout. */
export function isBusy(answer: ConnectAnswer): boolean {
  const text = JSON.stringify(answer.body ?? '');
  // Its web server is up, its REST API is not yet: for seconds after a start each path is a 404 of Jetty's, without Connect's error_code.
  if (answer.status === 404) return !text.includes('error_code');
  if (answer.status === 409) return !alreadyExists(answer);
  return (
    answer.status === 500 &&
    /timed out|forward REST request|not currently|herder is|rebalance is expected/i.test(text)
  );
}

/** A gateway says that nobody is behind it. */
const isDown = (status: number): boolean => status === 502 || status === 503 || status === 504;

/** A request without an answer may or may not have worked; asking again is harmless. A refused one never reached anybody. */
function mayPass(error: unknown): boolean {
  return isTimeout(error) || ['ECONNRESET', 'EPIPE'].includes(networkCode(error));
}

const isTimeout = (error: unknown): boolean => Error.isError(error) && error.name === 'TimeoutError';

function networkCode(error: unknown): string {
  if (error instanceof AggregateError) return networkCode(error.errors[0]);
  return Error.isError(error) && 'code' in error ? String(error.code) : '';
}

function unreachable(failures: readonly Failure[]): PipelineError {
  const places = failures.map(({ url, error }) => `${url} (${reasonOf(error)})`);
  return new PipelineError('connect_unreachable', `Kafka Connect can't be reached at ${places.join(', ')}.`, {
    remedy: remedyFor(failures),
    cause: failures[0]?.error,
  });
}

function remedyFor(failures: readonly Failure[]): string {
  const tls = failures.map(({ error }) => tlsTrouble(error)).find((trouble) => trouble !== undefined);
  if (tls !== undefined)
    return tlsRemedy(tls, 'CONNECT', 'Let its address begin with http://, or have it speak TLS.');
  const hungUp = failures.find(({ error }) => networkCode(error) === 'ECONNRESET');
  return hungUp !== undefined
    ? hangUpRemedy(hungUp.url, 'CONNECT')
    : 'Start it (`npm run stack -- up`) or give its address (--connect URL, or CONNECT_URL).';
}

function reasonOf(error: unknown): string {
  if (isTimeout(error)) return 'it accepts connections but does not answer';
  const reason = tlsTrouble(error)?.reason ?? networkCode(error);
  if (reason !== '') return reason;
  return Error.isError(error) ? error.message : String(error);
}

function jsonOrNothing(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
