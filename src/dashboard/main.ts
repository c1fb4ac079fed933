import { runMain } from '../platform/lifecycle.ts';
import { createLog } from '../platform/log.ts';
import { readConfig } from '../platform/read-config.ts';
import { buildPage } from './build-page.ts';
import { dashboardConfig } from './dashboard-config.ts';
import { startDashboard } from './start-dashboard.ts';

const log = createLog({ name: 'dashboard', env: process.env, isTerminal: process.stdout.isTTY });
await runMain(log, async () => {
  const config = readConfig(dashboardConfig, process.env);
  const env = Object.fromEntries(Object.entries(process.env).map(([name, value]) => [name, value ?? '']));
  return startDashboard(config, { env, log, page: await buildPage(log) });
});
