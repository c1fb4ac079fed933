import type { Page } from 'playwright-core';
import { createConnectClient } from '../../src/connect/connect-client.ts';
import { silentLog } from '../../src/platform/log.ts';
import { createPool } from '../../src/platform/postgres/pool.ts';
import { waitUntil } from '../../src/platform/wait-until.ts';
import { pressOn } from '../support/press-on.ts';
import { stackValue } from '../support/test-stack.ts';
import { inBrowser, startWatchedShop, type WatchedShop } from '../support/watched-shop.ts';

/** Milliseconds for the page to show what Connect says: longer, and a person looks elsewhere for what is wrong. */
const SHOWN_MS = 5_000;

inBrowser('what is broken is mended on the page, by the keyboard alone', () => {
  let watched: WatchedShop;
  beforeAll(async () => {
    watched = await startWatchedShop();
  });
  afterAll(() => watched.close());

  test('a failed task is shown within five seconds, and runs again after its restart', async () => {
    const { shop, pipeline, browser } = watched;
    const name = pipeline.connectors.find((one) => one.name.includes('orders'))?.name ?? '';
    const page = await browser.open();
    await page.locator('.verdict[data-health="good"]').waitFor();
    await failTask(name);
    const failedAt = Date.now();
    const task = page.locator('.mark[data-health="broken"]', { hasText: 'FAILED' }).first();
    await task.waitFor();
    expect(Date.now() - failedAt).toBeLessThan(SHOWN_MS);
    await page.locator('.verdict[data-health="broken"]', { hasText: /FAILED|failed/ }).waitFor();

    await asSuperuser(watched, 'orders', 'alter publication hidden_outbox rename to orders_outbox');
    // Written while the publication is there: Postgres would not send what was written without it, which is for `heal`.
    const waiting = await shop.place('ida', { lamp: 1 });
    await pressOn(page, `Restart task 0 of ${name}`);
    await pressOn(page, 'Restart');
    await page.locator('.verdict[data-health="good"]').waitFor({ timeout: 60_000 });
    expect((await shop.settled(waiting.orderId)).status).toBe('CONFIRMED');
    await page.close();
  });

  test('a parked key is shown with its reason, and flows again once it was redriven', async () => {
    const { shop, browser } = watched;
    await shop.setStock('jinx', 10);
    await asSuperuser(watched, 'inventory', REFUSE_JINX);
    const page = await browser.open();
    const order = await shop.place('kim', { jinx: 1 });
    const behind = await shop.place('kim', { lamp: 1 });
    const held = page.locator('.held-keys li', { hasText: 'kim' });
    await held.filter({ hasText: 'parked' }).waitFor();
    await held.filter({ hasText: 'jinx is locked away' }).waitFor();

    await asSuperuser(watched, 'inventory', 'drop trigger refuse_jinx on inventory.stock');
    await redrive(page, 'kim');
    await page.locator('.nothing', { hasText: 'None: every key flows.' }).waitFor();
    expect((await shop.settled(order.orderId)).status).toBe('CONFIRMED');
    expect((await shop.settled(behind.orderId)).status).toBe('CONFIRMED');
    await page.close();
  });

  test('the browser has nothing to complain of', () => {
    expect(watched.browser.complaints()).toEqual([]);
  });

  /** A connector that finds no publication when it starts anew fails for good. */
  async function failTask(name: string): Promise<void> {
    await asSuperuser(watched, 'orders', 'alter publication orders_outbox rename to hidden_outbox');
    const connect = createConnectClient({ url: stackValue('CONNECT_URL') });
    await connect.restartTask(name, 0);
    await waitUntil(
      async () => (await connect.status(name))?.tasks.some(({ state }) => state === 'FAILED') === true,
      { timeoutMs: 60_000, what: 'the task to fail' },
    );
  }
});

/** A fault of the database that does not pass by itself: the event is parked. */
const REFUSE_JINX = `
  create function inventory.refuse_jinx() returns trigger language plpgsql as $$
    begin raise exception 'jinx is locked away'; end $$;
  create trigger refuse_jinx before update on inventory.stock
    for each row when (new.sku = 'jinx') execute function inventory.refuse_jinx();`;

async function redrive(page: Page, key: string): Promise<void> {
  await pressOn(page, `Redrive ${key}`);
  await pressOn(page, 'Redrive');
}

async function asSuperuser(
  { pipeline }: WatchedShop,
  service: 'orders' | 'inventory',
  text: string,
): Promise<void> {
  const admin = createPool({
    connectionString: pipeline.databases[service].adminUrl,
    applicationName: 'test',
    log: silentLog,
    max: 1,
  });
  await admin.query({ text }).finally(() => admin.end());
}
