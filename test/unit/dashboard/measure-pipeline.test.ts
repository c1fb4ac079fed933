import { Registry } from 'prom-client';
import { SourceHealth } from '../../../src/dashboard/collect/source-health.ts';
import type { ConnectorState, GroupState, SlotState } from '../../../src/dashboard/dashboard-state.ts';
import { measurePipeline } from '../../../src/dashboard/measure-pipeline.ts';

const connector = (state: string, taskState: string | undefined): ConnectorState => ({
  ...{ name: 'orders-outbox', state, worker: null, since: null, restarts: null, health: 'good', reasons: [] },
  ...{ trace: null, heartbeatAgeMs: 1_500 },
  tasks:
    taskState === undefined
      ? []
      : [{ id: 0, state: taskState, worker: null, since: null, restarts: null, trace: null }],
});
const slot: SlotState = {
  ...{ name: 'orders_outbox', database: 'shop', connector: 'orders-outbox', active: true },
  ...{ walStatus: 'extended', bytesHeld: 100, bytesLeft: 900, bytesPerSecond: null, msUntilFull: null },
  health: 'good',
};
const group = (lag: number | null): GroupState => ({
  ...{ name: 'sales', state: 'Stable', idle: [] },
  partitions: [{ topic: 'orders.events', partition: 3, position: null, end: null, lag, owner: null }],
});

let seen: { connectors: ConnectorState[]; slots: SlotState[]; groups: GroupState[] };
let sources: SourceHealth;
let registry: Registry;
beforeEach(() => {
  seen = { connectors: [connector('RUNNING', 'FAILED')], slots: [slot], groups: [group(7)] };
  sources = new SourceHealth();
  registry = new Registry();
  measurePipeline(registry, {
    sources,
    connectors: () => seen.connectors,
    slots: () => seen.slots,
    groups: () => seen.groups,
    outboxes: () =>
      new Map([['orders', { rows: 5, bytes: 8_192, partitions: 8, oldestAgeMs: null, aheadMs: 86_400_000 }]]),
    serviceOf: (name) => (name === 'orders-outbox' ? 'orders' : undefined),
  });
  for (const source of ['connect', 'kafka', 'database orders']) sources.note(source, 'test', null);
});

/** The samples that are not 0, without those of the named metric when it has none. */
async function told(name: string): Promise<string[]> {
  const lines = (await registry.getSingleMetricAsString(name)).split('\n');
  return lines.filter((line) => !line.startsWith('#') && line !== '' && !line.endsWith(' 0'));
}

test('a state is 1 and all others are 0, and of yesterday nothing is left', async () => {
  expect(await told('connector_state')).toEqual([
    'connector_state{connector="orders-outbox",state="RUNNING"} 1',
  ]);
  expect(await told('connector_task_state')).toEqual([
    'connector_task_state{connector="orders-outbox",task="0",state="FAILED"} 1',
  ]);
  expect(await registry.getSingleMetricAsString('connector_state')).toContain('state="MISSING"} 0');
  seen.connectors = [connector('OF_TOMORROW', undefined)];
  expect(await told('connector_state')).toEqual([
    'connector_state{connector="orders-outbox",state="OF_TOMORROW"} 1',
  ]);
  expect(await told('connector_task_state')).toEqual([]);
});

test('slots, lag and outboxes are told as they are; what is not known is left out', async () => {
  const of = 'slot="orders_outbox",connector="orders-outbox"';
  expect(await told('replication_slot_retained_bytes')).toEqual([
    `replication_slot_retained_bytes{${of}} 100`,
  ]);
  expect(await told('replication_slot_safe_bytes')).toEqual([`replication_slot_safe_bytes{${of}} 900`]);
  expect(await told('replication_slot_wal_status')).toEqual([
    `replication_slot_wal_status{${of},wal_status="extended"} 1`,
  ]);
  expect(await told('consumer_lag_records')).toEqual([
    'consumer_lag_records{consumer="sales",topic="orders.events",partition="3"} 7',
  ]);
  expect(await told('outbox_partitions_ahead_seconds')).toEqual([
    'outbox_partitions_ahead_seconds{outbox="orders"} 86400',
  ]);
  expect(await told('outbox_oldest_partition_age_seconds')).toEqual([]);
  seen.slots = [{ ...slot, bytesLeft: null }];
  seen.groups = [group(null)];
  expect(await told('replication_slot_safe_bytes')).toEqual([]);
  expect(await told('consumer_lag_records')).toEqual([]);
});

test('of a source that does not answer one of its questions nothing is told but that', async () => {
  sources.note('database orders', 'positions', 'No answer within 4 s.');
  expect(await told('metrics_source_up')).toEqual([
    'metrics_source_up{source="connect"} 1',
    'metrics_source_up{source="kafka"} 1',
  ]);
  expect(await registry.getSingleMetricAsString('metrics_source_up')).toContain(
    'source="database orders"} 0',
  );
  expect(await told('replication_slot_active')).toEqual([]);
  expect(await told('outbox_rows_estimate')).toEqual([]);
  expect(await told('connector_state')).toHaveLength(1);
  sources.note('database orders', 'positions', null);
  expect(await told('outbox_rows_estimate')).toEqual(['outbox_rows_estimate{outbox="orders"} 5']);
  sources.note('connect', 'test', 'Nobody there.');
  expect(await told('connector_state')).toEqual([]);
});
