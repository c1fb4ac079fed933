import { runMain } from '../platform/lifecycle.ts';
import { createLog } from '../platform/log.ts';
import { startTraced } from '../platform/tracing/start-traced.ts';
import { readOrdersConfig } from './orders-config.ts';
import { startOrders } from './start-orders.ts';

const log = createLog({ name: 'orders', env: process.env, isTerminal: process.stdout.isTTY });
await runMain(log, () => {
  const config = readOrdersConfig(process.env);
  return startTraced('orders', { env: process.env, log }, (tracing) => startOrders(config, log, tracing));
});
