import { createConnectClient } from '../../../../src/connect/connect-client.ts';
import { connectorForEnvironment } from '../../../../src/connect/connector-for-environment.ts';
import type { ConnectorFile } from '../../../../src/connect/connector-file.ts';
import { applyTopics } from '../../../../src/platform/kafka/topic-admin.ts';
import { silentLog } from '../../../../src/platform/log.ts';
import {
  connectorFiles,
  heartbeatTopic,
  removeConnectors,
  startConnectors,
} from '../../../support/test-connectors.ts';
import { stackValue, testKafka } from '../../../support/test-stack.ts';
import type { Arm, RunningArm } from '../arm.ts';
import type { BenchShop } from '../bench-shop.ts';
import { Cleanup } from '../cleanup.ts';
import { startOrders } from '../start-orders.ts';

/** The pipeline as it is: the connectors as `connectors/` has them. */
export const ours: Arm = {
  name: 'ours',
  describes:
    'this pipeline: Debezium on Kafka Connect with the settings of connectors/ (max.batch.size 1, poll.interval.ms 5, linger.ms 2)',
  settles: true,
  start: (shop) => startDebeziumArm(shop, (config) => config),
};

/** What Debezium and its producer do when nobody says otherwise; where they read and what they write stays the same. */
const TUNED = [
  'poll.interval.ms',
  'max.batch.size',
  'max.queue.size',
  'max.queue.size.in.bytes',
  'producer.override.',
];

export const debeziumDefaults: Arm = {
  name: 'debezium-defaults',
  describes:
    'the same with Debezium’s and the producer’s own defaults (max.batch.size 2048, poll.interval.ms 500, linger.ms 5)',
  settles: true,
  start: (shop) =>
    startDebeziumArm(shop, (config) =>
      Object.fromEntries(
        Object.entries(config).filter(([key]) => !TUNED.some((tuned) => key.startsWith(tuned))),
      ),
    ),
};

async function startDebeziumArm(
  shop: BenchShop,
  settings: (config: ConnectorFile['config']) => ConnectorFile['config'],
): Promise<RunningArm> {
  const cleanup = new Cleanup();
  return cleanup.guard(async () => {
    const connectors = (await connectorsOf(shop)).map(({ name, config }) => ({
      name,
      config: { ...settings(config), ...withoutSnapshot(shop) },
    }));
    await applyTopics(
      testKafka(),
      connectors.map((connector) => ({ name: heartbeatTopic(connector), partitions: 1, config: {} })),
      { replicationFactor: 1, log: silentLog },
    );
    cleanup.add(() => removeConnectors(connectors));
    await startConnectors(connectors);
    const start = (name: 'orders' | 'inventory') =>
      shop.startService(name, { [`${name.toUpperCase()}_SLOT`]: slotOf(connectors, name) });
    const orders = await startOrders(() => start('orders'), cleanup);
    const inventory = await start('inventory');
    cleanup.add(() => inventory.end('SIGTERM'));
    const client = createConnectClient({ url: stackValue('CONNECT_URL') });
    const relay = {
      pids: {},
      pauseRelay: async () => {
        for (const { name } of connectors) await client.stop(name);
      },
      resumeRelay: async () => {
        for (const { name } of connectors) await client.resume(name);
      },
    };
    return orders.withArm(relay, inventory, cleanup);
  });
}

/** Rows that were published long ago are not read again. */
const withoutSnapshot = ({ retained }: BenchShop): ConnectorFile['config'] =>
  retained > 0 ? { 'snapshot.mode': 'no_data' } : {};

async function connectorsOf({ topicPrefix, databases }: BenchShop): Promise<ConnectorFile[]> {
  const id = topicPrefix.replace('.', '-');
  return (await connectorFiles()).map((file) =>
    connectorForEnvironment(file, {
      name: `${id}${file.name}`,
      serverName: `${id}${file.name}`,
      database: databases[file.name === 'orders-outbox' ? 'orders' : 'inventory'].database,
      topicPrefix,
    }),
  );
}

const slotOf = (connectors: readonly ConnectorFile[], service: string): string =>
  connectors.find(({ name }) => name.endsWith(`${service}-outbox`))?.config['slot.name'] ?? '';
