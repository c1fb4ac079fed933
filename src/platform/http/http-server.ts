import { type Server, createServer, STATUS_CODES } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Duplex } from 'node:stream';
import { PipelineError } from '../errors.ts';
import type { Log } from '../log.ts';
import { createHttpApp, type HttpAppOptions } from './create-http-app.ts';
import type { HttpMetrics } from './metrics.ts';
import { HttpProblem } from './problem.ts';
import type { Route } from './route.ts';

export interface HttpServerOptions extends Pick<HttpAppOptions, 'before' | 'tracing'> {
  readonly routes: readonly Route[];
  readonly host: string;
  /** 0 takes any free port. */
  readonly port: number;
  readonly log: Log;
  readonly metrics: HttpMetrics;
}

export interface HttpServer {
  readonly port: number;
  /** Takes no more connections, lets running requests end for at most 5 s, then cuts what is left. */
  readonly close: () => Promise<void>;
}

const graceMs = 5_000;
const HEADERS_WITHIN_MS = 10_000;
const MOST_HEADER_BYTES = 16 * 1024;

/** Listens, or rejects with a sentence that names the port. */
export async function startHttpServer({
  routes,
  host,
  port,
  log,
  metrics,
  before,
  tracing,
}: HttpServerOptions): Promise<HttpServer> {
  const stopping = new AbortController();
  const app = createHttpApp({
    ...{ routes, log, metrics, stopping: stopping.signal },
    ...(before && { before }),
    ...(tracing && { tracing }),
  });
  const server = createServer(
    {
      headersTimeout: HEADERS_WITHIN_MS,
      // Not for whole requests: a bulk upload may take as long as it flows. jsonBody and streams cut idle bodies themselves.
      requestTimeout: 0,
      keepAliveTimeout: 10_000,
      connectionsCheckingInterval: 2_000,
      maxHeaderSize: MOST_HEADER_BYTES,
    },
    // Express's handler returns nothing to wait for.
    app as (request: unknown, response: unknown) => void,
  );
  server.maxHeadersCount = 64;
  server.on('clientError', answerUnreadable);
  await listen(server, host, port);
  const { port: actualPort } = server.address() as AddressInfo;
  log.info({ host, port: actualPort }, 'listening');
  return { port: actualPort, close: () => close(server, stopping) };
}

/** What is no HTTP never becomes a request, so the app does not see it; it gets a problem all the same. */
function answerUnreadable(error: NodeJS.ErrnoException, socket: Duplex): void {
  if (error.code === 'ECONNRESET' || !socket.writable) return void socket.destroy();
  const { status, problem } = unreadable(error.code);
  const body = JSON.stringify(problem);
  socket.end(
    `HTTP/1.1 ${status} ${STATUS_CODES[status] ?? ''}\r\nContent-Type: application/problem+json\r\n` +
      `Content-Length: ${Buffer.byteLength(body)}\r\nConnection: close\r\n\r\n${body}`,
  );
}

function unreadable(code: string | undefined): HttpProblem {
  switch (code) {
    case 'ERR_HTTP_REQUEST_TIMEOUT':
      return new HttpProblem(408, 'too-slow', {
        title: 'The request came too slowly',
        detail: `All headers must arrive within ${HEADERS_WITHIN_MS / 1000} seconds.`,
      });
    case 'HPE_HEADER_OVERFLOW':
      return new HttpProblem(431, 'headers-too-large', {
        title: 'The headers are too large',
        detail: `Address and headers may have at most ${MOST_HEADER_BYTES} bytes.`,
      });
    case undefined:
    default:
      return new HttpProblem(400, 'no-http', {
        title: 'The request cannot be read',
        detail: 'This is not a request as HTTP/1.1 has it.',
      });
  }
}

function listen(server: Server, host: string, port: number): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once('error', (error: NodeJS.ErrnoException) => {
      const reason = error.code === 'EADDRINUSE' ? 'the port is in use' : error.message;
      reject(
        new PipelineError('config_invalid', `Cannot listen on ${host}:${port}: ${reason}.`, {
          remedy: 'Stop what uses the port, or set another one.',
          cause: error,
        }),
      );
    });
    server.listen({ host, port }, resolve);
  });
}

async function close(server: Server, stopping: AbortController): Promise<void> {
  const closed = new Promise<void>((resolve) => server.close(() => resolve()));
  stopping.abort();
  server.closeIdleConnections();
  const cut = setTimeout(() => server.closeAllConnections(), graceMs);
  // A keep-alive connection that was busy at the first call goes idle later; close() alone would wait for its client.
  const sweep = setInterval(() => server.closeIdleConnections(), 100);
  await closed;
  clearTimeout(cut);
  clearInterval(sweep);
}
