import { setTimeout as delay } from 'node:timers/promises';
import { describeError } from '../errors.ts';
import type { Running } from '../lifecycle.ts';
import type { Log } from '../log.ts';
import { readConfig } from '../read-config.ts';
import { exportConfig } from './decide-export.ts';
import { tracingOff } from './tracing.ts';
import type { Tracing } from './tracing.ts';

/** A container runtime kills 10 s after asking, and the service has used up to 8 of them by then. */
const FLUSH_AT_MOST_MS = 1_000;

/**
 * Starts a service with its tracing: off unless the standard's OTEL_* variables ask for it, and then nothing of OpenTelemetry is
 * loaded. When the service has stopped, the last spans are sent, for at most a second. Spans in memory die with a process that is
 * killed; nothing but a picture depends on them.
 */
export async function startTraced<Started extends Running>(
  service: string,
  { env, log }: { readonly env: NodeJS.Dict<string>; readonly log: Log },
  start: (tracing: Tracing) => Promise<Started>,
): Promise<Started> {
  const protocol = readConfig(exportConfig, env);
  if (protocol === undefined) return start(tracingOff);
  const { openTelemetry } = await import('./open-telemetry.ts');
  const tracing = await openTelemetry({ service, protocol, log });
  const running = await start(tracing);
  return {
    ...running,
    stop: async () => {
      await running.stop();
      const late = delay(FLUSH_AT_MOST_MS, 'late' as const, { ref: false });
      const end = await Promise.race([tracing.flush().catch(describeError), late]);
      if (end !== undefined) log.warn({ reason: end }, 'the last spans were not sent');
    },
  };
}
