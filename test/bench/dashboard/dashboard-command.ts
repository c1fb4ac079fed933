import { writeFileSync } from 'node:fs';
import { setTimeout as delay } from 'node:timers/promises';
import { Command } from 'commander';
import { createSay, type Say } from '../../../scripts/demo/say.ts';
import { findChromium } from '../../support/find-chromium.ts';
import { shopOf } from '../../support/shop.ts';
import { startTestPipeline, type TestPipeline } from '../../support/test-pipeline.ts';
import { withBenchStack } from '../bench-stack.ts';
import { dashboardOptions, type DashboardOptions } from './dashboard-options.ts';
import { startDashboardProcess } from './dashboard-process.ts';
import { measureDashboard, type Measured } from './measure-dashboard.ts';
import { openPage } from './open-page.ts';
import { loadSkus, startOrderLoad } from './order-load.ts';
import { renderReport, type DashboardReport } from './render-report.ts';

const EVENTS_AN_ORDER = 3;
/** The JVMs compile, the charts get their first points, caches are filled. */
const SETTLE_MS = 15_000;
const STOCK = 10_000_000;

/** The arm `dashboard`: what looking at the pipeline costs, at the server and in the browser. */
export function dashboardCommand(): Command {
  const command = new Command('dashboard').description(
    'Starts the whole pipeline, the dashboard and one page in Chromium, and measures their processor time at rest and with orders at a steady rate. ' +
      'Without a Chromium (CHROMIUM, else on the path) only the server.',
  );
  for (const option of dashboardOptions) command.addOption(option);
  return command.action((options: DashboardOptions) => dashboard(options));
}

async function dashboard(options: DashboardOptions): Promise<void> {
  const say = createSay(process.stdout);
  const executable = findChromium();
  if (executable === undefined)
    say.line('There is no Chromium (CHROMIUM, else on the path): only the server is measured.');
  const report = await withBenchStack(say, async (machine) => {
    const pipeline = await say.step('pipeline: services, connectors', startTestPipeline);
    try {
      return { machine, options, ...(await measureBoth(pipeline, options, { executable, say })) };
    } finally {
      await pipeline.stop();
    }
  });
  say.line(`\n${renderReport(report)}`);
  if (options.json !== undefined) writeFileSync(options.json, `${JSON.stringify(report, undefined, 2)}\n`);
}

async function measureBoth(
  pipeline: TestPipeline,
  options: DashboardOptions,
  { executable, say }: { readonly executable: string | undefined; readonly say: Say },
): Promise<Pick<DashboardReport, 'browser' | 'idle' | 'loaded'>> {
  const shop = shopOf(pipeline);
  for (const sku of loadSkus) await shop.setStock(sku, STOCK);
  const profiling = options.cpuProf === undefined ? [] : ['--cpu-prof', `--cpu-prof-dir=${options.cpuProf}`];
  const server = await say.step('dashboard', () => startDashboardProcess(pipeline, profiling));
  try {
    const page = executable === undefined ? undefined : await openPage(executable, server.url);
    try {
      const measured = { pipeline, dashboardPid: server.pid, page };
      await delay(SETTLE_MS);
      const idle = await say.step('measured without orders', () =>
        measureDashboard(measured, options.seconds),
      );
      const loaded = await measureLoaded(measured, options, say);
      return { browser: page?.name ?? null, idle, loaded };
    } finally {
      await page?.close();
    }
  } finally {
    await server.stop();
  }
}

async function measureLoaded(measured: Measured, { rate, seconds }: DashboardOptions, say: Say) {
  const load = startOrderLoad(measured.pipeline.service('orders').url, rate / EVENTS_AN_ORDER);
  try {
    await delay(SETTLE_MS);
    return await say.step(`measured at ${rate} events a second`, () => measureDashboard(measured, seconds));
  } finally {
    await load.stop();
  }
}
