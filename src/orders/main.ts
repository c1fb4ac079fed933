import { runMain } from '../platform/lifecycle.ts';
import { createLog } from '../platform/log.ts';
import { readConfig } from '../platform/read-config.ts';
import { ordersConfig } from './orders-config.ts';
import { startOrders } from './start-orders.ts';

const log = createLog({ name: 'orders', env: process.env, isTerminal: process.stdout.isTTY });
await runMain(log, () => startOrders(readConfig(ordersConfig, process.env), log));
