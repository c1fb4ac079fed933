import { connectorForEnvironment } from '../../src/connect/connector-for-environment.ts';
import type { ConnectorFile } from '../../src/connect/connector-file.ts';
import { topicCatalogue } from '../../src/contracts/catalogue.ts';
import { applyTopics } from '../../src/platform/kafka/topic-admin.ts';
import { silentLog } from '../../src/platform/log.ts';
import { startService } from './service-process.ts';
import type { ServiceProcess } from './service-process.ts';
import { connectorFiles, heartbeatTopic, removeConnectors, startConnectors } from './test-connectors.ts';
import { createTestDatabase } from './test-database.ts';
import type { TestDatabase } from './test-database.ts';
import { testKafka, testReplicationFactor, testStackEnv } from './test-stack.ts';
import { uniquePrefix } from './test-topics.ts';

export type ServiceName = 'orders' | 'inventory' | 'sales';
export const serviceNames: readonly ServiceName[] = ['orders', 'inventory', 'sales'];

/** The whole pipeline for one test file: own databases, topics, groups, connectors and slots; services as processes. */
export interface TestPipeline {
  readonly topicPrefix: string;
  readonly databases: Readonly<Record<ServiceName, TestDatabase>>;
  readonly connectors: readonly ConnectorFile[];
  service(name: ServiceName): ServiceProcess;
  /** One more instance of a service, beside those that run. */
  addInstance(name: ServiceName): Promise<ServiceProcess>;
  /** Starts a service again that was ended, as a supervisor would. */
  restart(name: ServiceName): Promise<void>;
  /** Starts an instance that takes the place of the one that runs, which is returned and still runs. */
  replace(name: ServiceName): Promise<ServiceProcess>;
  /** Every process of a service that was ever started, for its log. */
  readonly started: readonly (readonly [name: ServiceName, process: ServiceProcess])[];
  stop(): Promise<void>;
}

/** Quick enough to wait for, and light on two cores. */
const POLL_INTERVAL_MS = 20;

export interface PipelineOptions {
  /** Over what the service would get otherwise, such as an address that leads through a proxy. */
  readonly serviceEnv?: (
    name: ServiceName,
    env: Readonly<Record<string, string>>,
  ) => Readonly<Record<string, string>>;
  /** For node itself, such as `--import`. */
  readonly nodeOptions?: readonly string[];
  /** Over what the files in `connectors/` say. */
  readonly connectorConfig?: Readonly<Record<string, string>>;
}

export async function startTestPipeline(options: PipelineOptions = {}): Promise<TestPipeline> {
  const topicPrefix = uniquePrefix();
  const databases = {
    orders: await createTestDatabase('orders'),
    inventory: await createTestDatabase('inventory'),
    sales: await createTestDatabase('sales'),
  };
  const connectors = await readConnectors(topicPrefix, databases, options.connectorConfig ?? {});
  const heartbeats = connectors.map(heartbeatTopic).map((name) => ({ name, partitions: 1, config: {} }));
  await applyTopics(testKafka(), [...topicCatalogue(topicPrefix), ...heartbeats], {
    replicationFactor: testReplicationFactor(),
    log: silentLog,
  });
  await startConnectors(connectors);
  const started: [ServiceName, ServiceProcess][] = [];
  const start = async (name: ServiceName): Promise<ServiceProcess> => {
    const env = serviceEnv(name, topicPrefix, databases[name], connectors);
    const more = options.serviceEnv?.(name, env) ?? {};
    const service = await startService(name, { ...env, ...more }, options);
    started.push([name, service]);
    return service;
  };
  const running = new Map<ServiceName, ServiceProcess>();
  for (const name of serviceNames) running.set(name, await start(name));
  const extra: ServiceProcess[] = [];
  const service = (name: ServiceName): ServiceProcess => {
    const found = running.get(name);
    if (found === undefined) throw new Error(`${name} was never started.`);
    return found;
  };
  return {
    topicPrefix,
    databases,
    connectors,
    service,
    async addInstance(name) {
      const instance = await start(name);
      extra.push(instance);
      return instance;
    },
    async restart(name) {
      running.set(name, await start(name));
    },
    async replace(name) {
      const [before, after] = [service(name), await start(name)];
      running.set(name, after);
      return before;
    },
    started,
    async stop() {
      await Promise.all([...running.values(), ...extra].map((one) => one.end('SIGTERM')));
      await removeConnectors(connectors);
      for (const name of serviceNames) await databases[name].drop();
    },
  };
}

async function readConnectors(
  topicPrefix: string,
  databases: TestPipeline['databases'],
  changes: Readonly<Record<string, string>>,
): Promise<readonly ConnectorFile[]> {
  const id = topicPrefix.replace('.', '-');
  const files = await connectorFiles();
  return files.map((file) =>
    connectorForEnvironment(
      { ...file, config: { ...file.config, ...changes } },
      {
        name: `${id}${file.name}`,
        // Two connectors of one server name in one worker fight over their metrics' names for a minute.
        serverName: `${id}${file.name}`,
        database: databases[file.name === 'orders-outbox' ? 'orders' : 'inventory'].database,
        topicPrefix,
        pollIntervalMs: POLL_INTERVAL_MS,
      },
    ),
  );
}

function serviceEnv(
  name: ServiceName,
  topicPrefix: string,
  database: TestDatabase,
  connectors: readonly ConnectorFile[],
): Record<string, string> {
  const slot = connectors.find((connector) => connector.name.endsWith(`${name}-outbox`))?.config['slot.name'];
  return {
    ...testStackEnv(),
    [`${name.toUpperCase()}_DATABASE_URL`]: database.appUrl,
    ...(slot === undefined ? {} : { [`${name.toUpperCase()}_SLOT`]: slot }),
    TOPIC_PREFIX: topicPrefix,
    LOG_LEVEL: 'info',
  };
}
