import http from 'node:http';
import https from 'node:https';
import type { TlsAccess } from '../access.ts';
import type { HttpAddress } from './http-address.ts';

export interface HttpAnswer {
  readonly status: number;
  readonly text: string;
  /** When it answered, by its clock. */
  readonly date: string | undefined;
}

export interface HttpQuestion {
  readonly method: string;
  readonly path: string;
  /** JSON. */
  readonly body?: string | undefined;
  /** Of the body; application/json unless given. */
  readonly mediaType?: string;
  readonly timeoutMs: number;
}

/** Asks one server once. Rejects with the network's error, or with a TimeoutError. */
export type HttpExchange = (address: HttpAddress, question: HttpQuestion) => Promise<HttpAnswer>;

const MOST_REDIRECTS = 4;

/**
 * node:http rather than fetch: fetch takes neither a certificate of its own nor a user in the address. A server or a gateway may
 * send us on (307, 308) to another one, as the leader of a Connect cluster; the password goes along only to the addresses that were given.
 */
export function httpExchange(addresses: readonly HttpAddress[], tls: TlsAccess | undefined): HttpExchange {
  // A connection that is not in use does not keep the process alive.
  const agents = {
    http: new http.Agent({ keepAlive: true }),
    https: new https.Agent({ keepAlive: true, ...tls }),
  };
  const authorizationFor = (target: URL, asked: HttpAddress): string | undefined => {
    const known = [asked, ...addresses].find(({ url }) => new URL(url).origin === target.origin);
    return known?.authorization;
  };
  return async (address, question) => {
    const signal = AbortSignal.timeout(question.timeoutMs);
    let target = new URL(`${address.url}${question.path}`);
    for (let redirects = 0; ; redirects++) {
      const authorization = authorizationFor(target, address);
      const { location, ...answer } = await ask(target, question, authorization, agents, signal);
      const next = location === undefined ? undefined : new URL(location, target);
      const downgraded = target.protocol === 'https:' && next?.protocol === 'http:';
      if (next === undefined || downgraded || redirects === MOST_REDIRECTS) return answer;
      target = next;
    }
  };
}

interface Agents {
  readonly http: http.Agent;
  readonly https: https.Agent;
}

/** The error of a connection that the other side closed while it lay unused: nothing was asked, so asking again is safe. */
const isStale = (error: Error, request: http.ClientRequest): boolean =>
  request.reusedSocket && 'code' in error && error.code === 'ECONNRESET';

function ask(
  target: URL,
  question: HttpQuestion,
  authorization: string | undefined,
  agents: Agents,
  signal: AbortSignal,
): Promise<HttpAnswer & { location: string | undefined }> {
  const { promise, resolve, reject } = Promise.withResolvers<HttpAnswer & { location: string | undefined }>();
  const secure = target.protocol === 'https:';
  const request = (secure ? https : http).request(target, {
    method: question.method,
    agent: secure ? agents.https : agents.http,
    signal,
    headers: {
      accept: 'application/json',
      ...(question.body !== undefined && {
        'content-type': question.mediaType ?? 'application/json',
        'content-length': String(Buffer.byteLength(question.body)),
      }),
      ...(authorization !== undefined && { authorization }),
    },
  });
  // node:http tells an AbortError; whoever asked wants to know that it was the time.
  const failed = (error: Error): void => reject(signal.aborted ? (signal.reason as Error) : error);
  request.on('error', (error) => {
    if (signal.aborted || !isStale(error, request)) failed(error);
    else ask(target, question, authorization, agents, signal).then(resolve, reject);
  });
  request.on('response', (response) => {
    const chunks: Buffer[] = [];
    response.on('data', (chunk: Buffer) => chunks.push(chunk));
    response.on('error', failed);
    response.on('end', () => {
      const status = response.statusCode ?? 0;
      const moved = [301, 302, 307, 308].includes(status);
      const location = moved ? response.headers.location : undefined;
      const { date } = response.headers;
      resolve({ status, text: Buffer.concat(chunks).toString('utf8'), date, location });
    });
  });
  request.end(question.body);
  return promise;
}
