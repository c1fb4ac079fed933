import { Counter, Histogram, Registry, collectDefaultMetrics } from 'prom-client';

export interface ObservedRequest {
  readonly method: string;
  readonly route: string;
  readonly status: number;
  readonly seconds: number;
  /** The kind of the problem that was answered, such as `not-found`. */
  readonly problem: string | undefined;
}

/** The registry of one process; other parts add their own metrics to it. */
export interface HttpMetrics {
  readonly registry: Registry;
  /** `route` is the pattern, never the path: ids in labels would make a series each. */
  readonly observe: (request: ObservedRequest) => void;
}

export function createHttpMetrics(service: string): HttpMetrics {
  const registry = new Registry();
  registry.setDefaultLabels({ service });
  collectDefaultMetrics({ register: registry });
  const duration = new Histogram({
    name: 'http_request_duration_seconds',
    help: 'Seconds from the request headers to the end of the answer',
    labelNames: ['method', 'route', 'status'] as const,
    buckets: [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30],
    registers: [registry],
  });
  const problems = new Counter({
    name: 'http_problems_total',
    help: 'Requests that were answered with a problem, by its kind (the end of its type)',
    labelNames: ['route', 'problem'] as const,
    registers: [registry],
  });
  return {
    registry,
    observe: ({ method, route, status, seconds, problem }) => {
      duration.observe({ method, route, status }, seconds);
      if (problem !== undefined) problems.inc({ route, problem });
    },
  };
}
