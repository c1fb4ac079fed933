import { fileURLToPath } from 'node:url';
import { setTimeout as delay } from 'node:timers/promises';
import { createConnectClient } from '../../src/connect/connect-client.ts';
import { silentLog } from '../../src/platform/log.ts';
import { createPool } from '../../src/platform/postgres/pool.ts';
import { waitUntil } from '../../src/platform/wait-until.ts';
import { commandsOf } from '../support/pipeline-commands.ts';
import type { FakeClocks } from '../support/fake-clocks.ts';
import { loadStock } from '../support/shop-load.ts';
import { shopOf } from '../support/shop.ts';
import { startTcpProxy } from '../support/tcp-proxy.ts';
import type { TcpProxy } from '../support/tcp-proxy.ts';
import { startTestPipeline } from '../support/test-pipeline.ts';
import type { TestPipeline } from '../support/test-pipeline.ts';
import { stackValue } from '../support/test-stack.ts';
import { createClientNetwork } from './client-network.ts';
import { keepWatching } from './keep-watching.ts';
import { startStormLoad } from './storm-load.ts';
import type { Edge, Storm } from './storm.ts';

/** Those that lead to the broker; made before it, since it must know where they are. */
export type KafkaProxies = Readonly<Record<Extract<Edge, `${string}-kafka`>, TcpProxy>>;

export interface OpenStorm extends Storm {
  /** `connectors watch --heal` runs beside, as it would for an operator, until this. */
  readonly stopWatching: () => Promise<void>;
  close(): Promise<void>;
}

const crashPoints = fileURLToPath(new URL('crash-on-commit.ts', import.meta.url));

/** The pipeline on the running stack, its network through proxies, its shop filled and its load begun. */
export async function openStorm(options: {
  readonly seed: number;
  readonly ordersPerSecond: number;
  readonly signal: AbortSignal;
  readonly kafkaProxies: KafkaProxies;
  readonly clocks: FakeClocks | undefined;
}): Promise<OpenStorm> {
  const { signal, clocks } = options;
  const proxies = { ...(await startProxies()), ...options.kafkaProxies };
  const pipeline = await startProxiedPipeline(proxies, clocks);
  const commands = commandsOf(pipeline);
  const admin = createPool({
    connectionString: stackValue('POSTGRES_ADMIN_URL'),
    applicationName: 'chaos',
    log: silentLog,
    max: 2,
  });
  const shop = shopOf(pipeline);
  for (const [sku, onHand] of Object.entries(loadStock)) await shop.setStock(sku, onHand);
  await knowsTheStock(pipeline);
  const clients = createClientNetwork();
  const load = startStormLoad(pipeline, options, (url) => clients.through(url));
  const watching = keepWatching(commands);
  return {
    pipeline,
    load,
    commands,
    admin,
    connect: createConnectClient({ url: stackValue('CONNECT_URL') }),
    edges: proxies,
    clients,
    clocks,
    planted: [],
    cut: new Map(),
    undecidable: new Map(),
    found: [],
    signal,
    hold: (ms) => delay(ms, undefined, { signal }),
    stopWatching: watching.stop,
    async close() {
      await watching.stop();
      // Broken off: whoever still waits for an answer waits no longer.
      await load.finish(0).catch(() => undefined);
      for (const network of [...Object.values(proxies), clients]) network.become('pass');
      await pipeline.stop();
      commands.close();
      await admin.end();
      for (const network of [...Object.values(proxies), clients]) await network.close();
    },
  };
}

async function startProxies(): Promise<Omit<Record<Edge, TcpProxy>, keyof KafkaProxies>> {
  const postgres = Number(stackValue('POSTGRES_PORT'));
  return {
    'orders-postgres': await startTcpProxy(postgres),
    'inventory-postgres': await startTcpProxy(postgres),
    'sales-postgres': await startTcpProxy(postgres),
    'connect-postgres': await startTcpProxy(postgres),
    'services-registry': await startTcpProxy(Number(stackValue('REGISTRY_PORT'))),
  };
}

function startProxiedPipeline(
  proxies: Readonly<Record<Edge, TcpProxy>>,
  clocks: FakeClocks | undefined,
): Promise<TestPipeline> {
  const through = (address: string, proxy: TcpProxy): string => {
    const url = new URL(address);
    url.port = String(proxy.port);
    return url.href;
  };
  return startTestPipeline({
    serviceEnv: (name, env) => {
      const variable = `${name.toUpperCase()}_DATABASE_URL`;
      return {
        ...clocks?.envOf(name),
        [variable]: through(env[variable] ?? '', proxies[`${name}-postgres`]),
        KAFKA_BROKERS: `127.0.0.1:${proxies['services-kafka'].port}`,
        REGISTRY_URL: through(env['REGISTRY_URL'] ?? '', proxies['services-registry']),
      };
    },
    nodeOptions: ['--disable-warning=ExperimentalWarning', '--import', crashPoints],
    connectorConfig: { 'database.port': String(proxies['connect-postgres'].port) },
  });
}

/** An order that comes before its stock is known is rejected, and that would be another storm. */
async function knowsTheStock({ databases }: TestPipeline): Promise<void> {
  await waitUntil(
    async () => {
      const text = 'select count(*) from inventory.stock';
      const { rows } = await databases.inventory.pool.query<{ count: number }>({ text });
      return rows[0]?.count === Object.keys(loadStock).length;
    },
    { timeoutMs: 30_000, what: 'the stock to be there' },
  );
}
