import type { Request, Response } from 'express';
import type { z } from 'zod';
import type { Log } from '../log.ts';

/** What a handler gets: parsed values only, and what it needs to behave well towards client and server. */
export interface RouteRequest<Params, Query, Headers, Body> {
  readonly params: Params;
  readonly query: Query;
  readonly headers: Headers;
  readonly body: Body;
  /** W3C trace context: the caller's, or a new one. */
  readonly traceparent: string;
  /** Its lines carry the request's ids. */
  readonly log: Log;
  /** Aborted when the client has gone or the server is stopping: whoever waits answers at once or gives up. */
  readonly signal: AbortSignal;
}

/** The answer. `jsonText` is sent as it is, so that a replayed answer has the bytes of the first. */
export interface Reply {
  readonly status: number;
  readonly body?: unknown;
  readonly jsonText?: string;
  readonly headers?: Readonly<Record<string, string>>;
}

export interface DocumentedResponse {
  readonly description: string;
  readonly schema?: z.ZodType;
  readonly contentType?: string;
  readonly headers?: Readonly<Record<string, string>>;
}

export interface RouteDescription {
  readonly method: 'get' | 'post' | 'put' | 'delete';
  /** In Express's form: `/orders/:orderId`. */
  readonly path: string;
  readonly operationId: string;
  readonly summary: string;
  readonly description?: string;
  /** Answers of success and the problems of this route's own; 400, 413, 415, 500, 503 are documented for all. */
  readonly responses: Readonly<Record<number, DocumentedResponse>>;
  /** Path parameters that log lines about a request carry, where they are UUIDs; nothing else of a request is logged. */
  readonly loggedParams?: readonly string[];
  /** Most bytes of the JSON body; 32 kB unless said. */
  readonly bodyLimitBytes?: number;
  /** The body may be left out: the handler then gets what the schema makes of `{}`. */
  readonly bodyOptional?: boolean;
}

/** A route as mounted and documented: the same schemas parse the request and make the OpenAPI document. */
export interface Route extends RouteDescription {
  readonly params?: z.ZodObject;
  readonly query?: z.ZodObject;
  /** Names in lower case. Unlike elsewhere unknown names are let through: a request has many headers. */
  readonly headers?: z.ZodObject;
  readonly body?: z.ZodType;
  /** One item of a streamed body, for the document only; the stream's handler parses it. */
  readonly streamBody?: z.ZodType;
  readonly handle?: (request: RouteRequest<never, never, never, never>) => Promise<Reply>;
  /** For a body or an answer that is streamed; it owns the response from here on. */
  readonly stream?: {
    readonly requestContentType: string;
    readonly handle: (request: Request, response: Response, context: StreamContext) => Promise<void>;
  };
}

export type StreamContext = Pick<RouteRequest<never, never, never, never>, 'traceparent' | 'log' | 'signal'>;

type OutputOf<Schema> = Schema extends z.ZodType ? z.output<Schema> : undefined;

/** Gives a route's handler the types of its schemas; at run time it is the identity. */
export function defineRoute<
  Params extends z.ZodObject | undefined = undefined,
  Query extends z.ZodObject | undefined = undefined,
  Headers extends z.ZodObject | undefined = undefined,
  Body extends z.ZodType | undefined = undefined,
>(
  route: RouteDescription & {
    readonly params?: Params;
    readonly query?: Query;
    readonly headers?: Headers;
    readonly body?: Body;
    readonly handle: (
      request: RouteRequest<OutputOf<Params>, OutputOf<Query>, OutputOf<Headers>, OutputOf<Body>>,
    ) => Promise<Reply>;
  },
): Route {
  return route as unknown as Route;
}
