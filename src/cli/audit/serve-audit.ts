import { measureAudit } from '../../operate/audit/measure-audit.ts';
import { verdictOf, type AuditReport } from '../../operate/audit/audit-pipeline.ts';
import { healthRoutes, type CheckResult } from '../../platform/http/health-routes.ts';
import { startHttpServer } from '../../platform/http/http-server.ts';
import { createHttpMetrics } from '../../platform/http/metrics.ts';
import type { Log } from '../../platform/log.ts';
import type { ListenAddress } from '../listen-option.ts';
import { roundSummary } from './audit-lines.ts';

export interface ServedAudit {
  readonly onRound: (report: AuditReport) => void;
  close(): Promise<void>;
}

/**
 * /metrics and health of an audit that goes on and on.
 * @throws PipelineError `config_invalid` when it can't listen
 */
export async function serveAudit({ host, port }: ListenAddress, log: Log): Promise<ServedAudit> {
  const metrics = createHttpMetrics('audit');
  const measure = measureAudit(metrics.registry);
  let last: AuditReport | undefined;
  const server = await startHttpServer({
    routes: healthRoutes({ metrics, ready: {}, pipeline: { audit: () => judgeRound(last) } }),
    ...{ host, port, log, metrics },
  });
  return {
    onRound: (report) => {
      last = report;
      measure(report);
    },
    close: () => server.close(),
  };
}

function judgeRound(report: AuditReport | undefined): CheckResult {
  if (report === undefined) return { ok: true, detail: 'no round has ended yet' };
  const verdict = verdictOf(report);
  return {
    ok: verdict !== 'missing',
    ...(verdict === 'unreachable' && { warning: true }),
    detail: `${roundSummary(report).sentence} (${report.at.toISOString()})`,
  };
}
