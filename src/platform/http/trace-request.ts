import type { Request } from 'express';
import { tracingOff } from '../tracing/tracing.ts';
import type { Tracing } from '../tracing/tracing.ts';

export interface RequestTrace {
  /** What the request causes passes it on. */
  readonly traceparent: string;
  end(answer: { readonly route: string | undefined; readonly status: number }): void;
}

/** Asked for every few seconds by monitors: their spans would bury all others. */
const OF_MONITORS = /^\/(healthz|readyz|metrics)(\/|$)/;

/** Begins the server's span of a request, a child of the caller's. Its name is that of the route, which is known only at its end. */
export function traceRequest(tracing: Tracing, request: Request): RequestTrace {
  const { method, path } = request;
  const span = (OF_MONITORS.test(path) ? tracingOff : tracing).startSpan({
    name: method,
    kind: 'server',
    parent: request.get('traceparent'),
    attributes: { 'http.request.method': method, 'url.path': path, 'url.scheme': request.protocol },
  });
  return {
    traceparent: span.traceparent,
    end: ({ route, status }) =>
      span.end({
        ...(route !== undefined && { name: `${method} ${route}` }),
        attributes: {
          ...(route !== undefined && { 'http.route': route }),
          'http.response.status_code': status,
          ...(status >= 500 && { 'error.type': String(status) }),
        },
        ...(status >= 500 && { error: `answered ${status}` }),
      }),
  };
}
