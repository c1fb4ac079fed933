import { runMain } from '../platform/lifecycle.ts';
import { createLog } from '../platform/log.ts';
import { startTraced } from '../platform/tracing/start-traced.ts';
import { readInventoryConfig } from './inventory-config.ts';
import { startInventory } from './start-inventory.ts';

const log = createLog({ name: 'inventory', env: process.env, isTerminal: process.stdout.isTTY });
await runMain(log, () => {
  const config = readInventoryConfig(process.env);
  return startTraced('inventory', { env: process.env, log }, (tracing) =>
    startInventory(config, log, tracing),
  );
});
