import { runMain } from '../platform/lifecycle.ts';
import { createLog } from '../platform/log.ts';
import { startTraced } from '../platform/tracing/start-traced.ts';
import { readSalesConfig } from './sales-config.ts';
import { startSales } from './start-sales.ts';

const log = createLog({ name: 'sales', env: process.env, isTerminal: process.stdout.isTTY });
await runMain(log, () => {
  const config = readSalesConfig(process.env);
  return startTraced('sales', { env: process.env, log }, (tracing) => startSales(config, log, tracing));
});
