import express, {
  type ErrorRequestHandler,
  type Express,
  type Request,
  type RequestHandler,
  type Response,
} from 'express';
import type { Log } from '../log.ts';
import { tracingOff } from '../tracing/tracing.ts';
import type { Tracing } from '../tracing/tracing.ts';
import type { HttpMetrics } from './metrics.ts';
import { mountRoute } from './mount-route.ts';
import { HttpProblem } from './problem.ts';
import { requestIds } from './request-ids.ts';
import type { Route } from './route.ts';
import { toProblem } from './to-problem.ts';
import { traceRequest } from './trace-request.ts';

/** As long as a body that is read may take. */
const LATE_BODY_MS = 15_000;

export interface HttpAppOptions {
  readonly routes: readonly Route[];
  readonly log: Log;
  readonly metrics: HttpMetrics;
  /** Aborted when the server begins to stop; long polls then answer at once. */
  readonly stopping: AbortSignal;
  /** What comes before every route: who may ask at all, files. They throw as handlers do. */
  readonly before?: readonly RequestHandler[];
  /** Off unless told. */
  readonly tracing?: Tracing;
}

/**
 * An Express app of declared routes: JSON only, every refusal a problem+json, every request counted under its route.
 * A handler only returns a reply or throws.
 */
export function createHttpApp(options: HttpAppOptions): Express {
  const { routes, log, metrics, stopping, before = [], tracing = tracingOff } = options;
  const app = express();
  app.disable('x-powered-by');
  app.disable('etag'); // hashing each answer costs more than it saves on answers that must not be cached
  app.set('query parser', 'simple'); // nested query objects are a door nobody needs
  app.use(beginRequest(log, metrics, tracing));
  app.use(oneHost);
  for (const handler of before) app.use(handler);
  for (const route of routes) mountRoute(app, route, { log, stopping });
  app.use(noSuchRoute(routes));
  app.use(answerProblem(log));
  return app;
}

function beginRequest(log: Log, metrics: HttpMetrics, tracing: Tracing): RequestHandler {
  return (request, response, next) => {
    const started = process.hrtime.bigint();
    const trace = traceRequest(tracing, request);
    const { traceparent } = trace;
    response.locals['traceparent'] = traceparent;
    response.set({ 'X-Content-Type-Options': 'nosniff', 'Cache-Control': 'no-store' });
    response.once('finish', () => cutLateBody(request));
    response.once('close', () => {
      const seconds = Number(process.hrtime.bigint() - started) / 1e9;
      const route = routeOf(response);
      // A client that left before the answer is not a success: nginx's 499.
      const status = response.writableFinished ? response.statusCode : 499;
      metrics.observe({ method: request.method, route, status, seconds, problem: problemOf(response) });
      trace.end({ route: route === NO_ROUTE ? undefined : route, status });
      log.debug(
        { method: request.method, route, status, ms: seconds * 1e3, ...requestIds(response) },
        'request',
      );
    });
    next();
  };
}

/** With two of them a proxy may believe one and this service the other (RFC 9112, 3.2). */
const oneHost: RequestHandler = ({ rawHeaders, httpVersion }, _response, next) => {
  const hosts = rawHeaders.filter((name, i) => i % 2 === 0 && name.toLowerCase() === 'host').length;
  if (hosts !== 1 && !(hosts === 0 && httpVersion === '1.0'))
    throw new HttpProblem(400, 'bad-request', {
      title: 'The request cannot be read',
      detail: `Send exactly one Host header, not ${hosts}.`,
    });
  next();
};

const NO_ROUTE = 'none';

/** Answered without its body, which still trickles in: nobody reads it, and it must not hold its connection for ever. */
function cutLateBody(request: Request): void {
  if (request.complete) return;
  const { socket } = request;
  // Node says 'close' of a request as soon as it is answered; only its connection tells whether the body has ended.
  setTimeout(() => {
    if (!request.complete) socket.destroy();
  }, LATE_BODY_MS).unref();
}

/** Set by mountRoute; requests for no route share one label. */
function routeOf(response: Response): string {
  const route: unknown = response.locals['route'];
  return typeof route === 'string' ? route : NO_ROUTE;
}

/** Set by answerProblem. */
function problemOf(response: Response): string | undefined {
  const problem: unknown = response.locals['problem'];
  return typeof problem === 'string' ? problem : undefined;
}

function noSuchRoute(routes: readonly Route[]): RequestHandler {
  return (request, response) => {
    const methods = methodsOf(routes, request.path);
    if (methods.length === 0) {
      throw new HttpProblem(404, 'no-such-route', {
        title: 'No such route',
        detail: `There is no ${request.method} ${request.path}; /openapi.json lists the routes.`,
      });
    }
    response.set('Allow', methods.join(', '));
    throw new HttpProblem(405, 'method-not-allowed', {
      title: 'Method not allowed',
      detail: `${request.path} takes ${methods.join(', ')}, not ${request.method}.`,
    });
  };
}

function methodsOf(routes: readonly Route[], path: string): string[] {
  const matching = routes.filter((route) => {
    const pattern = route.path.split('/');
    const parts = path.split('/');
    return (
      parts.length === pattern.length && pattern.every((part, i) => part.startsWith(':') || part === parts[i])
    );
  });
  return [...new Set(matching.map((route) => route.method.toUpperCase()))];
}

function answerProblem(log: Log): ErrorRequestHandler {
  // Express knows an error handler by its four parameters.
  return (error: unknown, request, response, _next) => {
    const { status, kind, problem, headers, cause } = toProblem(error);
    response.locals['problem'] = kind;
    const traceparent: unknown = response.locals['traceparent'];
    const line = { method: request.method, route: routeOf(response), status, ...requestIds(response) };
    if (status >= 500) log.error({ ...line, err: cause ?? error }, problem.detail);
    // What was wrong quotes the request; the caller has it.
    else log.info({ ...line, problem: problem.type }, 'refused a request');
    // Too late for an answer: cutting the connection tells the client that what it got is not whole.
    if (response.headersSent) return void response.destroy();
    response.status(status).set(headers).type('application/problem+json');
    response.end(JSON.stringify(status >= 500 ? { ...problem, traceparent } : problem));
  };
}
