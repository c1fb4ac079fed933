import type { OperatedPipeline } from '../../operate/operated-pipeline.ts';
import type { Looked } from '../../operate/watch/connector-look.ts';
import { watchProbes, type WatchedProbes } from '../../operate/watch/watch-probes.ts';
import type { ProbeResult } from '../../operate/probe/probe-result.ts';
import type { ProbeState } from '../dashboard-state.ts';
import { keepCollecting } from './keep-collecting.ts';

const TIMEOUT_MS = 5_000;

/** Sends probes through the connectors that run, as the ops role, and says how the newest of each went. */
export function collectProbes(
  pipeline: OperatedPipeline,
  options: {
    readonly everyMs: number;
    readonly runs: (connector: string) => boolean;
    readonly onProbes: (probes: readonly ProbeState[], problem: string | null) => void;
  },
): WatchedProbes {
  const { everyMs, runs } = options;
  const watched = watchProbes(pipeline, pipeline.connectors, { everyMs, timeoutMs: TIMEOUT_MS, runs });
  const shown = new Map<string, ProbeState>();
  const collector = keepCollecting({
    everyMs: 500,
    withinMs: 1_000,
    collect: () => {
      const problems: string[] = [];
      for (const { file } of pipeline.connectors) {
        const latest = watched.latest(file.name);
        const state = probeState(latest);
        if (state !== undefined) shown.set(file.name, state);
        if (latest !== undefined && 'unreachable' in latest) problems.push(latest.unreachable);
      }
      options.onProbes([...shown.values()], problems[0] ?? null);
      return Promise.resolve();
    },
    onProblem: () => undefined,
  });
  return {
    latest: (connector) => watched.latest(connector),
    stop: async () => {
      collector.stop();
      await watched.stop();
    },
  };
}

function probeState(latest: Looked<ProbeResult>): ProbeState | undefined {
  if (latest === undefined || !('found' in latest)) return undefined;
  const { connector, sentAt, arrived, ageMs, hops, slowHop, reason } = latest.found;
  return { connector, sentAt: sentAt.getTime(), arrived, ageMs, hops, slowHop, reason: reason ?? null };
}
