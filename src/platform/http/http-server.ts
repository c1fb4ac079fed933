import { type Server, createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { PipelineError } from '../errors.ts';
import type { Log } from '../log.ts';
import { answerUnreadable, HEADERS_WITHIN_MS, MOST_HEADER_BYTES, MOST_HEADERS } from './answer-unreadable.ts';
import { createHttpApp, type HttpAppOptions } from './create-http-app.ts';
import type { HttpMetrics } from './metrics.ts';
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
      requireHostHeader: false, // the app refuses that itself, with a problem
    },
    // Express's handler returns nothing to wait for.
    app as (request: unknown, response: unknown) => void,
  );
  server.maxHeadersCount = MOST_HEADERS;
  answerUnreadable(server);
  await listen(server, host, port);
  const { port: actualPort } = server.address() as AddressInfo;
  log.info({ host, port: actualPort }, 'listening');
  return { port: actualPort, close: () => close(server, stopping) };
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
