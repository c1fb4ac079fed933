import type { Request, Response } from 'express';
import type { Route } from './route.ts';
import { traceIdOf } from '../tracing/traceparent.ts';

/** What lines about a request say of it, and nothing of what it asks for: `traceId`, and ids in its path such as `orderId`. */
export type RequestIds = Readonly<Record<string, string>>;

const UUID = /^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i;

/** Keeps what the route allows, for whoever logs about this request. */
export function keepRequestIds(request: Request, response: Response, { loggedParams = [] }: Route): void {
  const ids = loggedParams.flatMap((name) => {
    const value = request.params[name];
    return typeof value === 'string' && UUID.test(value) ? [[name, value.toLowerCase()]] : [];
  });
  response.locals['pathIds'] = Object.fromEntries(ids) as unknown;
}

export function requestIds(response: Response): RequestIds {
  const { traceparent, pathIds } = response.locals as { traceparent?: string; pathIds?: RequestIds };
  return { traceId: traceIdOf(traceparent) ?? '', ...pathIds };
}
