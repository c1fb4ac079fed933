import { AxeBuilder } from '@axe-core/playwright';
import type { Page } from 'playwright-core';
import { buildPage } from '../../src/dashboard/build-page.ts';
import { silentLog } from '../../src/platform/log.ts';
import { waitUntil } from '../../src/platform/wait-until.ts';
import { openDashboardBrowser, type DashboardBrowser } from '../support/dashboard-browser.ts';
import { findChromium } from '../support/find-chromium.ts';
import { shopOf, type Shop } from '../support/shop.ts';
import { startTestDashboard, type TestDashboard } from '../support/test-dashboard.ts';
import { startTestPipeline, type TestPipeline } from '../support/test-pipeline.ts';

const executable = findChromium();
if (executable === undefined)
  console.warn(
    'SKIPPED: the dashboard in a browser, since this machine has no Chromium. Install one (apt-get install chromium) or name it in CHROMIUM.',
  );
const inBrowser = executable === undefined ? describe.skip : describe;

inBrowser('the dashboard in a browser', () => {
  let pipeline: TestPipeline;
  let shop: Shop;
  let dashboard: TestDashboard;
  let browser: DashboardBrowser;
  let folder: string;

  beforeAll(async () => {
    const built = await buildPage(silentLog);
    if ('problem' in built) throw new Error(built.problem);
    folder = built.folder;
    pipeline = await startTestPipeline();
    shop = shopOf(pipeline);
    await shop.setStock('lamp', 1_000);
    dashboard = await startTestDashboard(pipeline, { page: folder });
    browser = await openDashboardBrowser(executable ?? '', dashboard.url);
  });
  afterAll(async () => {
    await browser.close();
    await dashboard.stop();
    await pipeline.stop();
  });

  const stop = (page: Page, hop: string, health: string) =>
    page.locator(`.stop[data-hop="${hop}"][data-health="${health}"]`);
  const ordersConnector = (): string =>
    pipeline.connectors.find(({ name }) => name.includes('orders'))?.name ?? '';

  test('an order is placed by the form and followed until it is settled', async () => {
    const page = await browser.open();
    await stop(page, 'orders', 'good').waitFor();
    await page.getByLabel('Customer', { exact: true }).fill('grace');
    await page.getByLabel('Product').selectOption('lamp');
    await page.getByLabel('Pieces').fill('3');
    await page.getByRole('button', { name: 'Place the order' }).click();
    const dialog = page.getByRole('dialog');
    await dialog.getByText('3 of lamp').waitFor();
    await dialog.getByRole('button', { name: 'Place the order' }).click();

    await page.locator('.how-far', { hasText: /CONFIRMED.* after/ }).waitFor();
    const hop = (text: RegExp) => page.locator('.bars > li[data-state="done"]', { hasText: text });
    await hop(/OrderPlaced\s*applied\s*inventory/).waitFor();
    await hop(/StockReserved\s*applied\s*orders/).waitFor();
    await page.locator('.feed li', { hasText: 'OrderConfirmed' }).first().waitFor();
    expect((await shop.stockOf('lamp')).reserved).toBe(3);
    await page.close();
  });

  test('a customer is looked for by the keyboard, one of several orders chosen, and its story drawn', async () => {
    const first = await shop.place('lin', { lamp: 1 });
    await shop.settled(first.orderId);
    const second = await shop.place('lin', { lamp: 2 });
    await shop.settled(second.orderId);
    const page = await browser.open();
    await page.getByLabel('Id of an order, an event or a customer').fill('lin');
    await page.keyboard.press('Enter');
    const choices = page.getByRole('list', { name: 'Orders of lin, newest first' }).getByRole('listitem');
    await choices.first().waitFor();
    const texts = await choices.allInnerTexts();
    expect(texts).toHaveLength(2);
    expect(texts[0]).toContain(second.orderId);
    expect(texts[1]).toMatch(/CONFIRMED/);
    await pressOn(page, first.orderId);
    await page.locator('.outcome', { hasText: /CONFIRMED.*of lin, all of it dealt with after/s }).waitFor();
    await page.locator('.bars', { hasText: 'stock reserved: 1 lamp' }).waitFor();
    const bars = page.locator('.bars > li .line i');
    expect(await bars.count()).toBe(await page.locator('.bars > li').count());
    const { violations } = await new AxeBuilder({ page }).include('#one-order-s-story').analyze();
    expect(violations.map(({ id }) => id)).toEqual([]);

    await page.getByLabel('Id of an order, an event or a customer').fill('nobody-knows');
    await page.keyboard.press('Enter');
    await page.locator('.nothing', { hasText: 'Nothing is known of nobody-knows' }).waitFor();
    await page.close();
  });

  test('a connector is paused and resumed by the keyboard alone; the broken hop is plain to see meanwhile', async () => {
    const page = await browser.open();
    await pressOn(page, `Pause ${ordersConnector()}`);
    await page.getByRole('dialog').waitFor();
    await page.keyboard.press('Escape');
    await page.getByRole('dialog').waitFor({ state: 'hidden' });
    expect(await page.locator('.verdict[data-health="broken"]').count()).toBe(0);

    await pressOn(page, `Pause ${ordersConnector()}`);
    await pressOn(page, 'Pause');
    await stop(page, 'orders-debezium', 'broken').waitFor();
    await page.locator('.verdict[data-health="broken"]', { hasText: /PAUSED/ }).waitFor();

    await pressOn(page, `Resume ${ordersConnector()}`);
    await pressOn(page, 'Resume');
    await page.locator('.verdict[data-health="good"]').waitFor();
    await page.close();
  });

  test.each(['light', 'dark'] as const)('%s: WCAG AA, with everything on the page', async (scheme) => {
    const page = await browser.open({ scheme });
    await page.locator('.feed li').first().waitFor();
    const { violations } = await new AxeBuilder({ page })
      .withTags(['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa'])
      .analyze();
    expect(violations.map(({ id, nodes }) => `${id}: ${nodes.map(({ html }) => html).join(' ')}`)).toEqual(
      [],
    );
    await page.close();
  });

  test('at 380 pixels nothing has to be scrolled sideways', async () => {
    const page = await browser.open({ width: 380 });
    await page.locator('.feed li').first().waitFor();
    expect(await page.evaluate<number>('document.documentElement.scrollWidth')).toBe(380);
    await page.close();
  });

  test('the keyboard reaches everything that can be used', async () => {
    const page = await browser.open();
    await page
      .getByRole('button', { name: /^Pause/ })
      .first()
      .waitFor();
    const usable = await page.evaluate<number>(
      `[...document.querySelectorAll('button, input, select, a[href], summary')].filter((one) => !one.disabled && one.checkVisibility() && !one.matches('.feed *')).length`,
    );
    const reached = new Set<number>();
    await page.evaluate('document.activeElement?.blur()');
    for (let presses = 0; presses < usable + 60; presses += 1) {
      await page.keyboard.press('Tab');
      reached.add(
        await page.evaluate<number>(
          `[...document.querySelectorAll('button, input, select, a[href], summary')].filter((one) => !one.matches('.feed *')).indexOf(document.activeElement)`,
        ),
      );
    }
    reached.delete(-1);
    expect(reached.size).toBe(usable);
    await page.close();
  });

  test('while orders flow, nothing on the page moves', async () => {
    const page = await browser.open();
    await page.locator('.verdict[data-health="good"]').waitFor();
    await page.locator('.probe').nth(1).waitFor();
    await page.evaluate(
      `globalThis.moved = 0; new PerformanceObserver((list) => { for (const shift of list.getEntries()) globalThis.moved += shift.value; }).observe({ type: 'layout-shift' }); undefined`,
    );
    for (let n = 0; n < 20; n += 1) await shop.settled((await shop.place('ada', { lamp: 1 })).orderId);
    expect(await page.evaluate<number>('globalThis.moved')).toBeLessThan(0.02);
    await page.close();
  });

  test('nothing was asked of anybody else, and the browser has nothing to complain of', () => {
    expect(browser.complaints()).toEqual([]);
  });

  test('a dashboard that is gone is said, and what was shown stays', async () => {
    const short = await startTestDashboard(pipeline, { page: folder });
    const other = await openDashboardBrowser(executable ?? '', short.url);
    try {
      const page = await other.open();
      await page.locator('.group-table').first().waitFor();
      await short.stop();
      await page.getByRole('alert').getByText('Not connected').waitFor();
      expect(await page.locator('.group-table').count()).toBe(3);
    } finally {
      await other.close();
    }
  });
});

/** Goes to the button of this name with Tab, and presses Enter on it. */
async function pressOn(page: Page, name: string): Promise<void> {
  await waitUntil(
    async () => {
      await page.keyboard.press('Tab');
      const focused = await page.evaluate<string>(
        `document.activeElement?.getAttribute('aria-label') ?? document.activeElement?.textContent ?? ''`,
      );
      return focused === name;
    },
    { timeoutMs: 60_000, everyMs: 1, what: `the focus to be on "${name}"` },
  );
  await page.keyboard.press('Enter');
}
