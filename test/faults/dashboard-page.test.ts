import { AxeBuilder } from '@axe-core/playwright';
import type { Page } from 'playwright-core';
import type { DashboardBrowser } from '../support/dashboard-browser.ts';
import { pressOn } from '../support/press-on.ts';
import type { Shop } from '../support/shop.ts';
import { startTestDashboard } from '../support/test-dashboard.ts';
import type { TestPipeline } from '../support/test-pipeline.ts';
import { inBrowser, startWatchedShop, type WatchedShop } from '../support/watched-shop.ts';

inBrowser('the dashboard in a browser', () => {
  let watched: WatchedShop;
  let pipeline: TestPipeline;
  let shop: Shop;
  let browser: DashboardBrowser;

  beforeAll(async () => {
    watched = await startWatchedShop();
    ({ pipeline, shop, browser } = watched);
  });
  afterAll(() => watched.close());

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
    const short = await startTestDashboard(pipeline, { page: watched.page });
    const other = await watched.openBrowser(short.url);
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
