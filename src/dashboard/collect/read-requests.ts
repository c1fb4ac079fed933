const LINE = /^http_request_duration_seconds_(sum|count)\{([^}]*)\} (\S+)$/gm;

/** Of a service's metrics in the Prometheus text format: what was asked by POST, and the seconds that the answers took together. */
export function readRequests(metrics: string): { count: number; seconds: number } {
  const totals = { count: 0, seconds: 0 };
  for (const [, what, labels = '', value] of metrics.matchAll(LINE)) {
    if (!labels.includes('method="POST"')) continue;
    if (what === 'count') totals.count += Number(value);
    else totals.seconds += Number(value);
  }
  return totals;
}
