import { Histogram, Registry, collectDefaultMetrics } from 'prom-client';

/** The registry of one process; other parts add their own metrics to it. */
export interface HttpMetrics {
  readonly registry: Registry;
  /** `route` is the pattern, never the path: ids in labels would make a series each. */
  readonly observe: (request: { method: string; route: string; status: number; seconds: number }) => void;
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
  return {
    registry,
    observe: ({ method, route, status, seconds }) => duration.observe({ method, route, status }, seconds),
  };
}
