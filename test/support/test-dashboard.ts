import { dashboardConfig } from '../../src/dashboard/dashboard-config.ts';
import { startDashboard } from '../../src/dashboard/start-dashboard.ts';
import { silentLog } from '../../src/platform/log.ts';
import { startConnectProxy, type ConnectProxy } from './connect-proxy.ts';
import { connectorFolder } from './connector-folder.ts';
import type { TestPipeline } from './test-pipeline.ts';
import { stackValue, testStackEnv } from './test-stack.ts';

export interface TestDashboard {
  readonly url: string;
  /** Between it and Connect. */
  readonly proxy: ConnectProxy;
  stop(): Promise<void>;
}

/** The dashboard of a test pipeline, in this process, on a free port. */
export async function startTestDashboard(
  pipeline: TestPipeline,
  options: { readonly env?: Record<string, string>; readonly page?: string } = {},
): Promise<TestDashboard> {
  const proxy = await startConnectProxy({ target: stackValue('CONNECT_URL') });
  const folder = connectorFolder(pipeline.connectors, pipeline.topicPrefix);
  const env = {
    ...dashboardEnv(pipeline),
    CONNECT_URL: proxy.url,
    DASHBOARD_PORT: '0',
    PROBE_EVERY_MS: '1000',
    ...options.env,
  };
  const running = await startDashboard(dashboardConfig.parse(env), {
    env,
    log: silentLog,
    page: options.page === undefined ? { problem: 'No page was built.' } : { folder: options.page },
    connectors: folder.path,
  });
  return {
    url: `http://127.0.0.1:${running.port}`,
    proxy,
    stop: async () => {
      await running.stop();
      await proxy.close();
      folder.remove();
    },
  };
}

/** Where a dashboard finds this pipeline. */
export function dashboardEnv(pipeline: TestPipeline): Record<string, string> {
  const { databases, topicPrefix } = pipeline;
  return {
    ...testStackEnv(),
    TOPIC_PREFIX: topicPrefix,
    ORDERS_OPS_DATABASE_URL: databases.orders.opsUrl,
    INVENTORY_OPS_DATABASE_URL: databases.inventory.opsUrl,
    SALES_OPS_DATABASE_URL: databases.sales.opsUrl,
    ORDERS_URL: pipeline.service('orders').url,
    INVENTORY_URL: pipeline.service('inventory').url,
    SALES_URL: pipeline.service('sales').url,
  };
}
