/** The dashboard as its own main starts it, but for connectors that are not the project's: `node dashboard-main.ts <folder>`. */
import { buildPage } from '../../../src/dashboard/build-page.ts';
import { dashboardConfig } from '../../../src/dashboard/dashboard-config.ts';
import { startDashboard } from '../../../src/dashboard/start-dashboard.ts';
import { runMain } from '../../../src/platform/lifecycle.ts';
import { createLog } from '../../../src/platform/log.ts';
import { readConfig } from '../../../src/platform/read-config.ts';

const [connectors = ''] = process.argv.slice(2);
const log = createLog({ name: 'dashboard', env: process.env });
await runMain(log, async () => {
  const config = readConfig(dashboardConfig, process.env);
  const env = Object.fromEntries(Object.entries(process.env).map(([name, value]) => [name, value ?? '']));
  return startDashboard(config, { env, log, page: await buildPage(log), connectors });
});
