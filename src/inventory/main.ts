import { runMain } from '../platform/lifecycle.ts';
import { createLog } from '../platform/log.ts';
import { readConfig } from '../platform/read-config.ts';
import { inventoryConfig } from './inventory-config.ts';
import { startInventory } from './start-inventory.ts';

const log = createLog({ name: 'inventory', env: process.env, isTerminal: process.stdout.isTTY });
await runMain(log, () => startInventory(readConfig(inventoryConfig, process.env), log));
