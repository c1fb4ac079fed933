import { runMain } from '../platform/lifecycle.ts';
import { createLog } from '../platform/log.ts';
import { readConfig } from '../platform/read-config.ts';
import { startTraced } from '../platform/tracing/start-traced.ts';
import { ordersConfig } from './orders-config.ts';
import { startOrders } from './start-orders.ts';

const log = createLog({ name: 'orders', pretty: process.stdout.isTTY });
await runMain(log, async () => {
  const config = readConfig(ordersConfig, process.env);
  log.level = config.LOG_LEVEL;
  return startTraced('orders', { env: process.env, log }, (tracing) => startOrders(config, log, tracing));
});
