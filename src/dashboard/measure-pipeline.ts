import { Gauge, type Registry } from 'prom-client';
import type { KeptOutbox } from './collect/collect-outbox-size.ts';
import { databaseSource, type SourceHealth } from './collect/source-health.ts';
import type { ConnectorState, GroupState, SlotState } from './dashboard-state.ts';

/** What the collectors have seen last. It is only looked at when metrics are asked for, so that no source can hold that up. */
export interface PipelineSeen {
  readonly sources: SourceHealth;
  readonly connectors: () => readonly ConnectorState[];
  readonly slots: () => readonly SlotState[];
  readonly groups: () => readonly GroupState[];
  /** By service. */
  readonly outboxes: () => ReadonlyMap<string, KeptOutbox>;
  /** Whose database holds a connector's slot. */
  readonly serviceOf: (connector: string) => string | undefined;
}

const STATES = ['RUNNING', 'PAUSED', 'STOPPED', 'FAILED', 'UNASSIGNED', 'RESTARTING', 'MISSING'];
const WAL_STATUSES = ['reserved', 'extended', 'unreserved', 'lost', 'missing'];
const CONNECT = 'connect';
const KAFKA = 'kafka';

/**
 * Adds to the dashboard's metrics what is shared by all services: connectors, slots, outboxes, lag. One process tells it, so that a sum
 * does not count it twice. Of a source that does not answer nothing is told but that: an old value would look like a present one.
 */
export function measurePipeline(registry: Registry, seen: PipelineSeen): void {
  gauge(registry, {
    name: 'metrics_source_up',
    help: '1 while the source answers within its time limit; of one that does not, nothing else is told',
    labelNames: ['source'],
    collect: (set) => {
      for (const source of seen.sources.sources()) set({ source }, seen.sources.isUp(source) ? 1 : 0);
    },
  });
  measureConnectors(registry, seen);
  measureSlots(registry, seen);
  measureOutboxes(registry, seen);
  gauge(registry, {
    name: 'consumer_lag_records',
    help: 'Records of the partition that the consumer has not yet dealt with, by its position in its own database',
    labelNames: ['consumer', 'topic', 'partition'],
    collect: (set) => {
      if (!seen.sources.isUp(KAFKA)) return;
      for (const { name: consumer, partitions } of seen.groups())
        for (const { topic, partition, lag } of partitions)
          if (lag !== null) set({ consumer, topic, partition: `${partition}` }, lag);
    },
  });
}

type SetValue = (labels: Readonly<Record<string, string>>, value: number) => void;

/** A gauge that holds what is so at the moment, and nothing of before. */
function gauge(
  registry: Registry,
  options: {
    readonly name: string;
    readonly help: string;
    readonly labelNames: readonly string[];
    readonly collect: (set: SetValue) => void;
  },
): void {
  const { name, help, labelNames, collect } = options;
  const made = new Gauge({
    ...{ name, help, labelNames, registers: [registry] },
    collect: () => {
      made.reset();
      collect((labels, value) => made.set({ ...labels }, value));
    },
  });
}

/** 1 for the state that it is in, 0 for all others. */
function setState(
  set: SetValue,
  states: readonly string[],
  at: { readonly label: string; readonly now: string; readonly of: Readonly<Record<string, string>> },
): void {
  for (const state of new Set([...states, at.now]))
    set({ ...at.of, [at.label]: state }, state === at.now ? 1 : 0);
}

function measureConnectors(registry: Registry, seen: PipelineSeen): void {
  const each = (tell: (connector: ConnectorState) => void): void => {
    if (seen.sources.isUp(CONNECT)) seen.connectors().forEach(tell);
  };
  gauge(registry, {
    name: 'connector_state',
    help: '1 for the state that Kafka Connect says the connector is in (MISSING when it has none of the name), 0 for others',
    labelNames: ['connector', 'state'],
    collect: (set) => {
      each(({ name, state }) =>
        setState(set, STATES, { label: 'state', now: state, of: { connector: name } }),
      );
    },
  });
  gauge(registry, {
    name: 'connector_task_state',
    help: "1 for the state that Kafka Connect says the connector's task is in, 0 for others",
    labelNames: ['connector', 'task', 'state'],
    collect: (set) => {
      each(({ name, tasks }) => {
        for (const { id, state } of tasks)
          setState(set, STATES, { label: 'state', now: state, of: { connector: name, task: `${id}` } });
      });
    },
  });
  gauge(registry, {
    name: 'connector_healthy',
    help: '1 when `outbox connectors status` finds nothing wrong with the connector, its slot and its way',
    labelNames: ['connector'],
    collect: (set) => {
      each(({ name, health }) => set({ connector: name }, health === 'good' ? 1 : 0));
    },
  });
  gauge(registry, {
    name: 'connector_heartbeat_age_seconds',
    help: "Seconds since the connector's newest heartbeat in Kafka",
    labelNames: ['connector'],
    collect: (set) => {
      each(({ name, heartbeatAgeMs }) => {
        if (heartbeatAgeMs !== null) set({ connector: name }, heartbeatAgeMs / 1_000);
      });
    },
  });
}

function measureSlots(registry: Registry, { sources, slots, serviceOf }: PipelineSeen): void {
  const labelNames = ['slot', 'connector'];
  const each = (tell: (slot: SlotState, of: { slot: string; connector: string }) => void): void => {
    for (const slot of slots())
      if (sources.isUp(databaseSource(serviceOf(slot.connector) ?? '')))
        tell(slot, { slot: slot.name, connector: slot.connector });
  };
  gauge(registry, {
    ...{ name: 'replication_slot_active', help: '1 while somebody reads the slot', labelNames },
    collect: (set) => {
      each(({ active }, of) => set(of, active ? 1 : 0));
    },
  });
  gauge(registry, {
    name: 'replication_slot_retained_bytes',
    help: 'Bytes of the write-ahead log that the server keeps for the slot',
    labelNames,
    collect: (set) => {
      each(({ bytesHeld }, of) => set(of, bytesHeld));
    },
  });
  gauge(registry, {
    name: 'replication_slot_safe_bytes',
    help: 'Bytes that may still be written before the server gives the slot up (safe_wal_size); none without max_slot_wal_keep_size',
    labelNames,
    collect: (set) => {
      each(({ bytesLeft }, of) => {
        if (bytesLeft !== null) set(of, bytesLeft);
      });
    },
  });
  gauge(registry, {
    name: 'replication_slot_wal_status',
    help: '1 for the status that Postgres says the log of the slot has (missing when there is no such slot), 0 for others',
    labelNames: [...labelNames, 'wal_status'],
    collect: (set) => {
      each(({ walStatus }, of) => setState(set, WAL_STATUSES, { label: 'wal_status', now: walStatus, of }));
    },
  });
}

function measureOutboxes(registry: Registry, { sources, outboxes }: PipelineSeen): void {
  const measure = (name: string, help: string, of: (kept: KeptOutbox) => number | null): void => {
    gauge(registry, {
      ...{ name, help, labelNames: ['outbox'] },
      collect: (set) => {
        for (const [service, kept] of outboxes()) {
          const value = of(kept);
          if (value !== null && sources.isUp(databaseSource(service))) set({ outbox: service }, value);
        }
      },
    });
  };
  measure('outbox_rows_estimate', "Rows that the outbox keeps, by Postgres's estimate", ({ rows }) => rows);
  measure('outbox_bytes', 'Bytes of the outbox on disk, with indexes', ({ bytes }) => bytes);
  measure('outbox_partitions', 'Days that the outbox has partitions for', ({ partitions }) => partitions);
  measure(
    'outbox_oldest_partition_age_seconds',
    'Seconds since the oldest day that the outbox keeps began',
    ({ oldestAgeMs }) => (oldestAgeMs === null ? null : oldestAgeMs / 1_000),
  );
  measure(
    'outbox_partitions_ahead_seconds',
    'Seconds until the first moment that the outbox has no partition for: then every insert is refused',
    ({ aheadMs }) => aheadMs / 1_000,
  );
}
