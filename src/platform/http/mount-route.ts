import type { Express, Request, RequestHandler, Response } from 'express';
import { z } from 'zod';
import type { Log } from '../log.ts';
import { jsonBody } from './json-body.ts';
import { parseRequest } from './parse-request.ts';
import { HttpProblem } from './problem.ts';
import { keepRequestIds, requestIds } from './request-ids.ts';
import type { Reply, Route, RouteRequest, StreamContext } from './route.ts';

interface Surroundings {
  readonly log: Log;
  readonly stopping: AbortSignal;
}

/** Makes a declared route an Express route: body read, values parsed, handler run, reply sent. */
export function mountRoute(app: Express, route: Route, surroundings: Surroundings): void {
  const handlers: RequestHandler[] = [
    (request, response, next) => {
      response.locals['route'] = route.path;
      keepRequestIds(request, response, route);
      next();
    },
  ];
  if (route.body !== undefined) handlers.push(...jsonBody(route.bodyLimitBytes));
  handlers.push(
    route.stream === undefined ? answering(route, surroundings) : streaming(route.stream, surroundings),
  );
  app[route.method](route.path, ...handlers);
}

function answering(route: Route, surroundings: Surroundings): RequestHandler {
  const none = z.strictObject({});
  const { params = none, query = none, headers, body } = route;
  const handle = route.handle as unknown as (
    request: RouteRequest<unknown, unknown, unknown, unknown>,
  ) => Promise<Reply>;
  return async (request, response) => {
    const parsed = {
      params: parseRequest(params, request.params),
      query: parseRequest(query, request.query),
      headers: headers === undefined ? undefined : parseRequest(headers, request.headers),
      body: body === undefined ? undefined : parseRequest(body, bodyOf(route, request)),
    };
    // assign onto the context, not a spread of it: a spread would call its lazy getter.
    send(response, await handle(Object.assign(contextOf(response, surroundings), parsed)));
  };
}

function bodyOf(route: Route, request: Request): unknown {
  const body: unknown = request.body;
  return body === undefined && route.bodyOptional === true ? {} : body;
}

function streaming(stream: NonNullable<Route['stream']>, surroundings: Surroundings): RequestHandler {
  return async (request, response) => {
    if (request.is(stream.requestContentType) === false || request.get('content-type') === undefined) {
      throw new HttpProblem(415, 'unsupported-media-type', {
        title: 'Unsupported media type',
        detail: `Send the header Content-Type: ${stream.requestContentType}.`,
      });
    }
    await stream.handle(request, response, contextOf(response, surroundings));
  };
}

function contextOf(response: Response, { log, stopping }: Surroundings): StreamContext {
  let gone: AbortController | undefined;
  let requestLog: Log | undefined;
  return {
    traceparent: String(response.locals['traceparent']),
    // Both made on demand: most handlers have nothing to log.
    get log() {
      return (requestLog ??= log.child(requestIds(response)));
    },
    // Made on demand: most handlers never wait, and an AbortSignal.any per request is not free.
    get signal() {
      if (gone === undefined) {
        const controller = new AbortController();
        gone = controller;
        response.once('close', () => controller.abort());
        if (stopping.aborted) controller.abort();
        else {
          const stop = (): void => controller.abort();
          stopping.addEventListener('abort', stop, { once: true });
          response.once('close', () => stopping.removeEventListener('abort', stop));
        }
      }
      return gone.signal;
    },
  };
}

function send(response: Response, reply: Reply): void {
  response.status(reply.status);
  if (reply.headers !== undefined) response.set(reply.headers);
  if (reply.jsonText === undefined && reply.body === undefined) return void response.end();
  if (typeof reply.body === 'string') return void response.end(reply.body); // its type is in the reply's headers
  if (!response.hasHeader('Content-Type')) response.set('Content-Type', 'application/json; charset=utf-8');
  response.end(reply.jsonText ?? JSON.stringify(reply.body));
}
