import { setTimeout as delay } from 'node:timers/promises';
import { describeError } from '../../platform/errors.ts';
import type { Looked } from './connector-look.ts';
import type { OperatedConnector, OperatedPipeline } from '../operated-pipeline.ts';
import { openProber, type Prober, type ProbeResult } from '../probe/send-probe.ts';

export interface WatchedProbes {
  /** The newest result; undefined before the first one, and for a connector that no probe can be sent through. */
  latest(connector: string): Looked<ProbeResult>;
  stop(): Promise<void>;
}

/** Sends a probe through each connector that runs, again and again, until stopped. A Kafka or database that is away is tried again. */
export function watchProbes(
  pipeline: OperatedPipeline,
  connectors: readonly OperatedConnector[],
  options: { everyMs: number; timeoutMs: number; runs: (connector: string) => boolean },
): WatchedProbes {
  const { everyMs, timeoutMs, runs } = options;
  const stopped = new AbortController();
  const results = new Map<string, Looked<ProbeResult>>();
  const probed = connectors.filter(({ service }) => service !== undefined);
  let prober: Promise<Prober> | undefined;
  const opened = (): Promise<Prober> => {
    const opening = (prober ??= openProber(pipeline));
    opening.catch(() => {
      if (prober === opening) prober = undefined;
    });
    return opening;
  };
  const keepSending = async (connector: OperatedConnector): Promise<void> => {
    const { name } = connector.file;
    while (!stopped.signal.aborted) {
      const beganAt = Date.now();
      // Where it is stuck takes seconds more to find out; that it is late is known now.
      const late = setTimeout(() => results.set(name, { found: lateProbe(name, beganAt) }), timeoutMs + 250);
      results.set(name, runs(name) ? await send(opened, connector, timeoutMs) : undefined);
      clearTimeout(late);
      const leftMs = Math.max(0, everyMs - (Date.now() - beganAt));
      await delay(leftMs, undefined, { signal: stopped.signal }).catch(() => undefined);
    }
  };
  for (const connector of probed) void keepSending(connector);
  return {
    latest: (connector) => results.get(connector),
    // A probe on its way is not waited for: whoever stops has no more interest in it.
    stop: async () => {
      stopped.abort();
      await (await prober?.catch(() => undefined))?.close();
    },
  };
}

function lateProbe(connector: string, sentAt: number): ProbeResult {
  return {
    ...{ connector, sentAt: new Date(sentAt), arrived: false, hops: {}, slowHop: 'wal' as const },
    ageMs: Date.now() - sentAt,
    reason: `A probe of ${Math.round((Date.now() - sentAt) / 1_000)} s ago has not come through yet.`,
  };
}

async function send(
  opened: () => Promise<Prober>,
  connector: OperatedConnector,
  timeoutMs: number,
): Promise<Looked<ProbeResult>> {
  try {
    return { found: await (await opened()).send(connector, { timeoutMs }) };
  } catch (error) {
    return { unreachable: describeError(error) };
  }
}
