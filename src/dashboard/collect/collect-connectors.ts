import type { ConnectorStatus } from '../../connect/connector-status.ts';
import { heartbeatTopic } from '../../connect/heartbeat-topic.ts';
import type { OperatedConnector, OperatedPipeline } from '../../operate/operated-pipeline.ts';
import { connectorHealth } from '../../operate/watch/connector-health.ts';
import { foundOf, type ConnectorLook } from '../../operate/watch/connector-look.ts';
import { followConnectorRecords } from '../../operate/watch/connector-records.ts';
import { lookAtConnector } from '../../operate/watch/look-at-connectors.ts';
import { recentSamples, type WalSample } from '../../operate/watch/wal-growth.ts';
import type { WatchedProbes } from '../../operate/watch/watch-probes.ts';
import type { ConnectorState, Health, TaskState } from '../dashboard-state.ts';
import { keepCollecting } from './keep-collecting.ts';

const EVERY_MS = 2_500;
const WITHIN_MS = 5_000;
const RATE_OVER_MS = 60_000;

export interface CollectedConnectors {
  /** Whether all of it was RUNNING at the last look. */
  readonly runs: (connector: string) => boolean;
  stop(): Promise<void>;
}

/** Looks at each connector as `outbox connectors watch` does. */
export function collectConnectors(
  pipeline: OperatedPipeline,
  options: {
    readonly statusTopic: string;
    readonly probes: () => WatchedProbes | undefined;
    readonly onConnectors: (connectors: readonly ConnectorState[]) => void;
    readonly onProblem: (problem: string | null) => void;
  },
): CollectedConnectors {
  const { connectors } = pipeline;
  const samples = new Map<string, WalSample[]>();
  const running = new Set<string>();
  const records = followConnectorRecords(
    {
      kafka: pipeline.kafka,
      statusTopic: options.statusTopic,
      maxWaitMs: 2_000,
      heartbeatTopics: connectors.map(({ file }) => heartbeatTopic(file.config)),
    },
    new Date(),
  );
  const look = async (connector: OperatedConnector): Promise<ConnectorState> => {
    const { name } = connector.file;
    const [found, status] = await Promise.all([
      lookAtConnector(pipeline, connector, {
        records,
        probe: options.probes()?.latest(name),
        samples: samples.get(name) ?? [],
      }),
      pipeline.connect.status(name),
    ]);
    samples.set(name, withSample(samples.get(name) ?? [], found));
    if (found.parts.every(({ state }) => state === 'RUNNING')) running.add(name);
    else running.delete(name);
    return connectorState(found, tracesOf(status));
  };
  const collector = keepCollecting({
    everyMs: EVERY_MS,
    withinMs: WITHIN_MS,
    collect: async () => options.onConnectors(await Promise.all(connectors.map(look))),
    onProblem: options.onProblem,
  });
  return {
    runs: (connector) => running.has(connector),
    stop: async () => {
      collector.stop();
      await records.stop();
    },
  };
}

/** By part. */
function tracesOf(status: ConnectorStatus | undefined): Map<string, string | undefined> {
  const ofTasks = (status?.tasks ?? []).map(({ id, trace }) => [`task ${id}`, trace] as const);
  return new Map([['connector', status?.connector.trace], ...ofTasks]);
}

/** What the page shows of one look. @param traces by part; a part without a failure has none */
export function connectorState(
  look: ConnectorLook,
  traces: ReadonlyMap<string, string | undefined>,
): ConnectorState {
  const [connector] = look.parts.filter(({ part }) => part === 'connector');
  const { reasons } = connectorHealth(look);
  const heartbeatAt = foundOf(look.heartbeatAt);
  return {
    name: look.name,
    state: connector?.state ?? 'MISSING',
    worker: workerOf(connector?.worker),
    since: connector?.history?.since.getTime() ?? null,
    restarts: connector?.history?.restarts ?? null,
    health: healthOf(look, reasons),
    reasons,
    trace: traces.get('connector') ?? null,
    heartbeatAgeMs: heartbeatAt === undefined ? null : Math.max(0, look.at.getTime() - heartbeatAt.getTime()),
    tasks: look.parts.flatMap((part) => {
      const id = /^task (\d+)$/.exec(part.part)?.[1];
      if (id === undefined || part.state === 'MISSING') return [];
      const task: TaskState = {
        id: Number(id),
        state: part.state,
        worker: workerOf(part.worker),
        since: part.history?.since.getTime() ?? null,
        restarts: part.history?.restarts ?? null,
        trace: traces.get(part.part) ?? null,
      };
      return [task];
    }),
  };
}

/** Whatever keeps events from coming through is broken; all other trouble is worse than it should be. */
function healthOf(look: ConnectorLook, reasons: readonly string[]): Health {
  if (reasons.length === 0) return 'good';
  const stands = look.parts.some(({ state }) => state !== 'RUNNING');
  const probe = foundOf(look.probe);
  return stands || probe?.arrived === false ? 'broken' : 'slow';
}

const workerOf = (worker: string | undefined): string | null =>
  worker === undefined || worker === '-' ? null : worker;

function withSample(before: readonly WalSample[], look: ConnectorLook): WalSample[] {
  const slot = foundOf(look.slot);
  if (slot === undefined) return [];
  return recentSamples([...before, { at: look.at.getTime(), bytesHeld: slot.bytesHeld }], RATE_OVER_MS);
}
