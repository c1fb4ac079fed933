import { buildPage } from '../../src/dashboard/build-page.ts';
import { silentLog } from '../../src/platform/log.ts';
import { openDashboardBrowser, type DashboardBrowser } from './dashboard-browser.ts';
import { findChromium } from './find-chromium.ts';
import { shopOf, type Shop } from './shop.ts';
import { startTestDashboard, type TestDashboard } from './test-dashboard.ts';
import { startTestPipeline, type TestPipeline } from './test-pipeline.ts';

const executable = findChromium();
if (executable === undefined)
  console.warn(
    'SKIPPED: the dashboard in a browser, since this machine has no Chromium. Install one (apt-get install chromium) or name it in CHROMIUM.',
  );

/** For tests of the page: skipped where there is no Chromium. */
export const inBrowser = executable === undefined ? describe.skip : describe;

export interface WatchedShop {
  readonly pipeline: TestPipeline;
  readonly shop: Shop;
  readonly dashboard: TestDashboard;
  readonly browser: DashboardBrowser;
  /** Folder of the built page. */
  readonly page: string;
  openBrowser(url: string): Promise<DashboardBrowser>;
  close(): Promise<void>;
}

/** A whole pipeline with lamps, its dashboard, and a browser to look at it with. */
export async function startWatchedShop(): Promise<WatchedShop> {
  const built = await buildPage(silentLog);
  if ('problem' in built) throw new Error(built.problem);
  const pipeline = await startTestPipeline();
  const shop = shopOf(pipeline);
  await shop.setStock('lamp', 1_000);
  const dashboard = await startTestDashboard(pipeline, { page: built.folder });
  const openBrowser = (url: string) => openDashboardBrowser(executable ?? '', url);
  const browser = await openBrowser(dashboard.url);
  return {
    ...{ pipeline, shop, dashboard, browser, page: built.folder, openBrowser },
    async close() {
      await browser.close();
      await dashboard.stop();
      await pipeline.stop();
    },
  };
}
