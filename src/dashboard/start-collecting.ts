import type { Registry } from 'prom-client';
import { inventoryEvents } from '../contracts/inventory-events.ts';
import { ordersEvents } from '../contracts/orders-events.ts';
import type { OperatedPipeline } from '../operate/operated-pipeline.ts';
import { collectConnectors } from './collect/collect-connectors.ts';
import { collectGroups, type CollectedGroups } from './collect/collect-groups.ts';
import { collectHeld } from './collect/collect-held.ts';
import { collectProbes } from './collect/collect-probes.ts';
import {
  collectOutbox,
  collectRequests,
  collectSales,
  collectStock,
  type OutboxFigures,
  type RequestFigures,
} from './collect/collect-services.ts';
import { collectOutboxSize, type KeptOutbox } from './collect/collect-outbox-size.ts';
import { collectSlots } from './collect/collect-slots.ts';
import { followEvents } from './collect/follow-events.ts';
import type { RecentRecords } from './collect/recent-records.ts';
import { databaseSource, SourceHealth } from './collect/source-health.ts';
import type { DashboardConfig } from './dashboard-config.ts';
import { decideWay, type OutboxFacts, type WayFacts } from './decide-way.ts';
import { CounterRate } from './flow/counter-rate.ts';
import { FlowMeter } from './flow/flow-meter.ts';
import { TopicFlow } from './flow/topic-flow.ts';
import type { LiveState } from './live/live-state.ts';
import { measurePipeline, type PipelineSeen } from './measure-pipeline.ts';

/** Which topic each consumer reads: the way of an order. */
const reads: ReadonlyMap<string, string> = new Map([
  ['inventory', ordersEvents.name],
  ['sales', ordersEvents.name],
  ['orders', inventoryEvents.name],
]);

const WAY_EVERY_MS = 1_000;
const POINT_EVERY_MS = 5_000;

/** Everything that is known between two looks, from which the way is decided. */
interface Known {
  requests: RequestFigures;
  readonly outboxes: Map<string, OutboxFigures>;
  readonly kept: Map<string, KeptOutbox>;
  readonly sources: SourceHealth;
  groups: CollectedGroups | undefined;
  eventsProblem: string | null;
  notShown: number;
  seen: number;
}

const nothingKnown = (): Known => ({
  requests: { perSecond: null, meanMs: null, problem: null },
  ...{
    outboxes: new Map(),
    kept: new Map(),
    sources: new SourceHealth(),
    groups: undefined,
    eventsProblem: null,
    notShown: 0,
    seen: 0,
  },
});

/** Asks every source at its own pace and keeps the state. @returns stops all of it */
export function startCollecting(
  pipeline: OperatedPipeline,
  config: Pick<DashboardConfig, 'urls' | 'statusTopic' | 'probeEveryMs'>,
  live: LiveState,
  { records, registry }: { readonly records: RecentRecords; readonly registry: Registry },
): () => Promise<void> {
  const known = nothingKnown();
  measurePipeline(registry, seenOf(pipeline, live, known));
  const meter = new FlowMeter();
  const flow = new TopicFlow();
  const connectors = watchConnectors(pipeline, config, live, known.sources);
  const collectors = [...askServices(config, live, known), ...askDatabases(pipeline, live, known)];
  const groups = collectGroups(pipeline, reads, (collected) => {
    known.groups = collected;
    noteGroups(known.sources, pipeline, collected);
    flow.add(collected);
    const problems = [collected.kafkaProblem, ...collected.databaseProblems.values()];
    live.set('groups', {
      problem: problems.filter((problem) => problem !== null).join(' ') || null,
      groups: collected.groups,
    });
  });
  const events = followEvents(pipeline, [...new Set(reads.values())], {
    record: (record) => {
      known.seen += 1;
      known.notShown += 1;
      meter.add(record, Date.now());
      records.add(record);
    },
    row: (row) => {
      known.notShown -= 1;
      live.addRow(row);
    },
    problem: (problem) => (known.eventsProblem = problem),
  });
  const timers = keepDeciding({ pipeline, live, known, meter, flow });
  return async () => {
    for (const timer of timers) clearInterval(timer);
    for (const collector of [...collectors, groups]) collector.stop();
    await Promise.all([connectors.stop(), groups.close(), events.stop()]);
  };
}

const seenOf = (pipeline: OperatedPipeline, live: LiveState, known: Known): PipelineSeen => ({
  sources: known.sources,
  connectors: () => live.get('connectors').connectors,
  slots: () => live.get('slots').slots,
  groups: () => live.get('groups').groups,
  outboxes: () => known.kept,
  serviceOf: (name) => pipeline.connectors.find(({ file }) => file.name === name)?.service?.name,
});

function noteGroups(sources: SourceHealth, { services }: OperatedPipeline, collected: CollectedGroups): void {
  sources.note('kafka', 'groups', collected.kafkaProblem);
  for (const { name } of services)
    sources.note(databaseSource(name), 'positions', collected.databaseProblems.get(name) ?? null);
}

/** Looks at connectors and sends probes through those that run: each needs what the other sees. */
function watchConnectors(
  pipeline: OperatedPipeline,
  { statusTopic, probeEveryMs: everyMs }: Pick<DashboardConfig, 'statusTopic' | 'probeEveryMs'>,
  live: LiveState,
  sources: SourceHealth,
): { stop(): Promise<void> } {
  const watched = collectConnectors(pipeline, {
    statusTopic,
    probes: () => probes,
    onConnectors: (connectors) =>
      live.set('connectors', { problem: live.get('connectors').problem, connectors }),
    onProblem: (problem) => {
      sources.note('connect', 'connectors', problem);
      live.setProblem('connectors', problem);
    },
  });
  const probes =
    everyMs === 0
      ? undefined
      : collectProbes(pipeline, {
          everyMs,
          runs: watched.runs,
          onProbes: (newest, problem) => live.set('probes', { problem, probes: newest }),
        });
  return {
    stop: async () => {
      await Promise.all([watched.stop(), probes?.stop()]);
    },
  };
}

function askServices({ urls }: Pick<DashboardConfig, 'urls'>, live: LiveState, known: Known) {
  return [
    collectRequests(urls.orders, (requests) => (known.requests = requests)),
    collectSales(urls.sales, {
      rows: (rows) => live.set('sales', { problem: live.get('sales').problem, rows }),
      problem: (problem) => live.setProblem('sales', problem),
    }),
    collectStock(urls.inventory, {
      items: (items) => live.set('stock', { problem: live.get('stock').problem, items }),
      problem: (problem) => live.setProblem('stock', problem),
    }),
  ];
}

function askDatabases({ services, connectors }: OperatedPipeline, live: LiveState, known: Known) {
  return [
    ...collectSlots(connectors, {
      slots: (slots) => live.set('slots', { problem: live.get('slots').problem, slots }),
      problem: (problem) => live.setProblem('slots', problem),
      asked: (service, problem) => known.sources.note(databaseSource(service), 'slots', problem),
    }),
    ...collectHeld(services, {
      keys: (keys) => live.set('held', { problem: live.get('held').problem, keys }),
      problem: (problem) => live.setProblem('held', problem),
    }),
    ...services
      .filter(({ connector }) => connector !== undefined)
      .flatMap((service) => [
        collectOutbox(service, (figures) => known.outboxes.set(service.name, figures)),
        collectOutboxSize(service, {
          kept: (kept) => known.kept.set(service.name, kept),
          problem: (problem) => known.sources.note(databaseSource(service.name), 'outbox', problem),
        }),
      ]),
  ];
}

interface Deciding {
  readonly pipeline: OperatedPipeline;
  readonly live: LiveState;
  readonly known: Known;
  readonly meter: FlowMeter;
  readonly flow: TopicFlow;
}

function keepDeciding(deciding: Deciding): NodeJS.Timeout[] {
  const { live, known, meter } = deciding;
  const events = new CounterRate();
  let lastPointAt = Date.now();
  return [
    setInterval(() => {
      const now = Date.now();
      live.set('way', { problem: null, ...decideWay(wayFacts(deciding, now)) });
      events.add(now, known.seen);
      const problem = known.eventsProblem ?? known.groups?.kafkaProblem ?? null;
      live.setFeed({ problem, perSecond: events.perSecond(now), notShown: known.notShown });
    }, WAY_EVERY_MS),
    setInterval(() => {
      const at = Date.now();
      const settled = meter.takeSettled(at);
      const seconds = Math.max(1, at - lastPointAt) / 1_000;
      const perSecond = (count: number): number => Math.round((count * 100) / seconds) / 100;
      lastPointAt = at;
      live.addPoint(
        {
          ...{ at, p50Ms: settled.p50Ms, p99Ms: settled.p99Ms },
          confirmedPerSecond: perSecond(settled.confirmed),
          rejectedPerSecond: perSecond(settled.rejected),
        },
        known.eventsProblem ?? known.groups?.kafkaProblem ?? null,
      );
    }, POINT_EVERY_MS),
  ];
}

function wayFacts({ pipeline, live, known, meter, flow }: Deciding, now: number): WayFacts {
  const outbox = (service: 'orders' | 'inventory'): OutboxFacts => {
    const connector = pipeline.connectors.find((one) => one.service?.name === service);
    return {
      connector: connector?.file.name ?? '',
      databaseProblem: known.groups?.databaseProblems.get(service) ?? null,
      ...(known.outboxes.get(service) ?? { rowsPerSecond: null, logBytesPerSecond: null }),
    };
  };
  return {
    now,
    requests: known.requests,
    outboxes: { orders: outbox('orders'), inventory: outbox('inventory') },
    topics: {
      orders: flow.topic(ordersEvents.name, now),
      inventory: flow.topic(inventoryEvents.name, now),
    },
    readers: {
      orders: flow.reader('orders', now),
      inventory: flow.reader('inventory', now),
      sales: flow.reader('sales', now),
    },
    kafkaProblem: known.groups?.kafkaProblem ?? null,
    connectors: live.get('connectors'),
    slots: live.get('slots'),
    probes: live.get('probes'),
    groups: live.get('groups').groups,
    held: live.get('held'),
    flow: meter.figures(now),
  };
}
