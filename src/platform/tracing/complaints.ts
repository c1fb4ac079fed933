import type { Log } from '../log.ts';

const AGAIN_AFTER_MS = 60_000;

/**
 * What the exporter complains of, once a minute for each kind and not once a span: a collector that is away for a night must not
 * fill the log. Two that differ only in numbers are of one kind.
 */
export function createComplaints(log: Log, now: () => number = Date.now): (reason: string) => void {
  const said = new Map<string, { at: number; unsaid: number }>();
  return (reason) => {
    const kind = reason.replaceAll(/\d+/g, '#');
    const last = said.get(kind);
    if (last !== undefined && now() - last.at < AGAIN_AFTER_MS) {
      last.unsaid += 1;
      return;
    }
    said.set(kind, { at: now(), unsaid: 0 });
    log.warn({ reason, unsaid: last?.unsaid ?? 0 }, 'OpenTelemetry complains; spans may be missing');
  };
}
