import { openPipeline } from '../open-pipeline.ts';
import { createConnectClient } from '../connect/connect-client.ts';
import type { OperatedPipeline } from '../operate/operated-pipeline.ts';
import { readAccess } from '../platform/access.ts';
import { healthRoutes } from '../platform/http/health-routes.ts';
import { startHttpServer } from '../platform/http/http-server.ts';
import { createHttpMetrics } from '../platform/http/metrics.ts';
import type { Running } from '../platform/lifecycle.ts';
import { silentLog, type Log } from '../platform/log.ts';
import { secretsOf } from '../platform/mask-secrets.ts';
import { askHeld } from './actions/ask-held.ts';
import { changeConnector } from './actions/change-connector.ts';
import { placeOrder } from './actions/place-order.ts';
import { tellStories } from './actions/tell-stories.ts';
import type { BuiltPage } from './build-page.ts';
import { RecentRecords } from './collect/recent-records.ts';
import type { DashboardConfig } from './dashboard-config.ts';
import { actionRoutes, type Actions } from './http/action-routes.ts';
import { beforeRoutes } from './http/before-routes.ts';
import { LiveHub } from './live/live-hub.ts';
import { LiveState } from './live/live-state.ts';
import { startCollecting } from './start-collecting.ts';

export interface DashboardPlace {
  /** What the `outbox` command line is given. */
  readonly env: Readonly<Record<string, string>>;
  readonly log: Log;
  readonly page: BuiltPage;
  /** Folder of connector files; the project's unless given. */
  readonly connectors?: string;
}

/** A rebalance is waited out by whoever wants something done, not by a look. */
const RETRY_FOR_MS = 15_000;

/**
 * Starts the dashboard. It needs nobody to be there: what can't be reached is shown.
 * @throws PipelineError `config_invalid` when it can't listen
 */
export async function startDashboard(
  config: DashboardConfig,
  { env, log, page, connectors: dir }: DashboardPlace,
): Promise<Running & { readonly port: number }> {
  // What Kafka's client says again and again of a broker that is away is on the page.
  const context = { env, log: silentLog };
  const pipeline = await openPipeline(context, { retryForMs: 0, ...(dir !== undefined && { dir }) });
  const live = new LiveState(nothingYet);
  const hub = new LiveHub(live);
  const records = new RecentRecords();
  const metrics = createHttpMetrics('dashboard');
  const server = await startHttpServer({
    routes: [
      ...actionRoutes(actionsOn(pipeline, config, env, records)),
      ...healthRoutes({ ready: {}, pipeline: {}, metrics }),
    ],
    before: beforeRoutes({ token: config.token, page, live: hub.serve }),
    host: config.host,
    port: config.port,
    log,
    metrics,
  }).catch(async (error: unknown) => {
    hub.close();
    await pipeline.close();
    throw error;
  });
  const stopCollecting = startCollecting(pipeline, config, live, { records, registry: metrics.registry });
  return {
    port: server.port,
    stop: async () => {
      hub.close();
      await Promise.all([server.close(), stopCollecting()]);
      await pipeline.close();
    },
  };
}

function actionsOn(
  pipeline: OperatedPipeline,
  { urls }: DashboardConfig,
  env: Readonly<Record<string, string>>,
  records: RecentRecords,
): Actions {
  const stories = tellStories(pipeline, records);
  const connect = createConnectClient({
    ...readAccess(env, 'CONNECT'),
    secrets: secretsOf(env),
    url: env['CONNECT_URL'] ?? '',
    retryForMs: RETRY_FOR_MS,
  });
  return {
    placeOrder: (order) => placeOrder(urls.orders, order),
    findOrders: (id, options) => stories.find(id, options),
    tellStory: (orderId) => stories.tell(orderId),
    changeConnector: (verb, at) => changeConnector({ ...pipeline, connect }, verb, at),
    askHeld: (kind, at) => askHeld(pipeline.services, kind, at),
  };
}

const nothingYet: ConstructorParameters<typeof LiveState>[0] = {
  way: {
    problem: null,
    hops: [],
    verdict: 'Looking at the hops …',
    health: 'unknown',
    endToEndP50Ms: null,
    endToEndP99Ms: null,
  },
  connectors: { problem: null, connectors: [] },
  slots: { problem: null, slots: [] },
  probes: { problem: null, probes: [] },
  groups: { problem: null, groups: [] },
  held: { problem: null, keys: [] },
  sales: { problem: null, rows: [] },
  stock: { problem: null, items: [] },
};
