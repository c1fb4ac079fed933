import { z } from 'zod';
import type { HttpMetrics } from './metrics.ts';
import { type Route, defineRoute } from './route.ts';

/** One look at one thing the answer depends on. `detail` says in a few words what was seen. */
export interface CheckResult {
  readonly ok: boolean;
  /** Things go on, and somebody should look. */
  readonly warning?: true;
  readonly detail: string;
}

export type Checks = Readonly<Record<string, () => CheckResult | Promise<CheckResult>>>;

export interface HealthRoutesOptions {
  /** Only what the process needs in order to answer requests: for our services Postgres. */
  readonly ready: Checks;
  /** Whether events flow: the slot, the consumer. Red here must not take the service out of the load balancer. */
  readonly pipeline: Checks;
  readonly metrics: HttpMetrics;
}

const health = z.strictObject({
  status: z.enum(['ok', 'warning', 'failing']),
  checks: z.record(
    z.string(),
    z.strictObject({ ok: z.boolean(), warning: z.literal(true).optional(), detail: z.string() }),
  ),
});
// A check that hangs is a failed check; shorter than the usual probe's own timeout of a few seconds.
const checkTimeoutMs = 2_000;

/** /healthz, /readyz, /healthz/pipeline and /metrics. */
export function healthRoutes({ ready, pipeline, metrics }: HealthRoutesOptions): Route[] {
  return [
    checksRoute('/healthz', 'isAlive', 'Whether the process is up', {}),
    checksRoute('/readyz', 'isReady', 'Whether the process can answer requests', ready),
    checksRoute(
      '/healthz/pipeline',
      'isPipelineHealthy',
      'Whether events flow from and to this service',
      pipeline,
    ),
    defineRoute({
      method: 'get',
      path: '/metrics',
      operationId: 'getMetrics',
      summary: 'Metrics in the Prometheus text format',
      responses: { 200: { description: 'The metrics', contentType: 'text/plain' } },
      handle: async () => ({
        status: 200,
        body: await metrics.registry.metrics(),
        headers: { 'Content-Type': metrics.registry.contentType },
      }),
    }),
  ];
}

function checksRoute(path: string, operationId: string, summary: string, checks: Checks): Route {
  return defineRoute({
    method: 'get',
    path,
    operationId,
    summary,
    responses: {
      200: { description: 'All checks pass, perhaps with a warning', schema: health },
      503: { description: 'A check fails', schema: health },
    },
    handle: async () => {
      const results = await Promise.all(
        Object.entries(checks).map(async ([name, check]) => [name, await runCheck(check)] as const),
      );
      const ok = results.every(([, result]) => result.ok);
      const isWarning = results.some(([, result]) => result.warning === true);
      return {
        status: ok ? 200 : 503,
        body: {
          status: ok ? (isWarning ? 'warning' : 'ok') : 'failing',
          checks: Object.fromEntries(results),
        },
      };
    },
  });
}

async function runCheck(check: Checks[string]): Promise<CheckResult> {
  let timer: NodeJS.Timeout | undefined;
  const timeout = new Promise<CheckResult>((resolve) => {
    timer = setTimeout(
      () => resolve({ ok: false, detail: `no answer within ${checkTimeoutMs} ms` }),
      checkTimeoutMs,
    );
  });
  try {
    return await Promise.race([Promise.resolve().then(check), timeout]);
  } catch {
    // The reason may hold an address or a role's name; it is in the log of whoever failed, not here.
    return { ok: false, detail: 'the check failed' };
  } finally {
    clearTimeout(timer);
  }
}
