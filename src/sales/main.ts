import { runMain } from '../platform/lifecycle.ts';
import { createLog } from '../platform/log.ts';
import { readConfig } from '../platform/read-config.ts';
import { salesConfig } from './sales-config.ts';
import { startSales } from './start-sales.ts';

const log = createLog({ name: 'sales', env: process.env, isTerminal: process.stdout.isTTY });
await runMain(log, () => startSales(readConfig(salesConfig, process.env), log));
