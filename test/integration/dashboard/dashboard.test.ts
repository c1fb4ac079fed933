import { request } from 'node:http';
import { openDashboardClient, type DashboardClient } from '../../support/dashboard-client.ts';
import { produceEvents, testEvent } from '../../support/produce-events.ts';
import { shopOf, type Shop } from '../../support/shop.ts';
import { startTestDashboard, type TestDashboard } from '../../support/test-dashboard.ts';
import { startTestPipeline, type TestPipeline } from '../../support/test-pipeline.ts';
import type { DashboardState, Hop, OrderStory } from '../../../src/dashboard/dashboard-state.ts';
import { waitUntil } from '../../../src/platform/wait-until.ts';

let pipeline: TestPipeline;
let shop: Shop;
let dashboard: TestDashboard;
let page: DashboardClient;

beforeAll(async () => {
  pipeline = await startTestPipeline();
  shop = shopOf(pipeline);
  dashboard = await startTestDashboard(pipeline);
  page = await openDashboardClient(dashboard.url);
});
afterAll(async () => {
  page.close();
  await dashboard.stop();
  await pipeline.stop();
});

const hopOf = ({ way }: DashboardState, id: Hop['id']): Hop | undefined =>
  way.hops.find((hop) => hop.id === id);
const ordersConnector = (): string =>
  pipeline.connectors.find(({ name }) => name.includes('orders'))?.name ?? '';

test('every source is on the page, and every hop is well', async () => {
  const state = await page.until('every hop to be well', ({ way, probes }) => {
    return way.health === 'good' && probes.probes.filter(({ arrived }) => arrived).length === 2;
  });
  expect(state.way.hops.map(({ id }) => id)).toHaveLength(12);
  expect(state.connectors.connectors).toMatchObject([
    { state: 'RUNNING', health: 'good', reasons: [], tasks: [{ id: 0, state: 'RUNNING' }] },
    { state: 'RUNNING', health: 'good', reasons: [], tasks: [{ id: 0, state: 'RUNNING' }] },
  ]);
  expect(state.slots.slots).toHaveLength(2);
  expect(state.slots.slots.every(({ active, bytesLeft }) => active && (bytesLeft ?? 0) > 0)).toBe(true);
  expect(state.groups.groups.map(({ name, state: of }) => `${name} ${of}`).sort()).toEqual([
    'inventory Stable',
    'orders Stable',
    'sales Stable',
  ]);
  for (const { partitions } of state.groups.groups) {
    expect(partitions).toHaveLength(4);
    for (const { owner, lag } of partitions) {
      expect(owner).toMatch(/-/);
      expect(lag).toBe(0);
    }
  }
  for (const { problem } of [state.way, state.connectors, state.slots, state.held, state.sales, state.stock])
    expect(problem).toBeNull();
});

test('an order placed on the page is told hop by hop until it is settled, and is in feed, sales and history', async () => {
  await shop.setStock('lamp', 10);
  await page.until('the stock', ({ stock }) => stock.items.some(({ sku }) => sku === 'lamp'));
  const placed = await page.act('orders', {
    customerId: 'ada',
    country: 'France',
    lines: [{ sku: 'lamp', quantity: 2, unitPriceMinor: 1_995 }],
  });
  expect(placed.status).toBe(201);
  const { orderId } = placed.body as { orderId: string };
  const story = await waitUntil(
    async () => {
      const answer = await fetch(`${dashboard.url}/api/orders/${orderId}/story`);
      const told = (await answer.json()) as OrderStory;
      return told.settled ? told : undefined;
    },
    { timeoutMs: 30_000, what: 'the order to be settled' },
  );
  expect(story).toMatchObject({ subject: orderId, status: 'CONFIRMED', stuck: null, problems: [] });
  expect(story.hops.map(({ kind, where, eventType }) => `${kind} ${where} ${eventType}`)).toEqual(
    expect.arrayContaining([
      expect.stringMatching(/^request orders OrderPlaced/),
      expect.stringMatching(/^consumer inventory OrderPlaced/),
      expect.stringMatching(/^consumer orders StockReserved/),
      expect.stringMatching(/^consumer sales OrderConfirmed/),
    ]),
  );
  const state = await page.until(
    'the order everywhere',
    ({ events, sales, history, stock }) =>
      events.rows.filter(({ aggregateId }) => aggregateId === orderId).length === 3 &&
      sales.rows.some(({ country, netMinor }) => country === 'France' && netMinor === 3_990) &&
      history.points.some(
        ({ p50Ms, confirmedPerSecond: rate }) => p50Ms !== null && rate !== null && rate > 0 && rate < 1,
      ) &&
      stock.items.some(({ sku, available }) => sku === 'lamp' && available === 8),
  );
  expect(state.way.endToEndP50Ms).toBeGreaterThan(0);
  const placedRow = state.events.rows.find(({ type }) => type === 'OrderPlaced');
  expect(placedRow?.text).toContain('"lamp"');
  expect(hopOf(state, 'inventory')?.delayMs).not.toBeNull();
});

test('orders are found by order, event and customer; what is no id, or unknown, is said in a sentence', async () => {
  const find = async (query: string): Promise<{ status: number; body: unknown }> => {
    const answer = await fetch(`${dashboard.url}/api/orders${query}`);
    return { status: answer.status, body: await answer.json() };
  };
  const first = await shop.place('cleo', { lamp: 1 });
  await shop.settled(first.orderId);
  const second = await shop.place('cleo', { lamp: 1 });
  await shop.settled(second.orderId);
  expect(await find('?id=cleo')).toMatchObject({
    status: 200,
    body: {
      orders: [
        { orderId: second.orderId, key: 'cleo', status: 'CONFIRMED' },
        { orderId: first.orderId, key: 'cleo', status: 'CONFIRMED' },
      ],
      lookedSince: expect.stringMatching(/Z$/) as string,
    },
  });
  expect(await find('?id=cleo&kept=all')).toMatchObject({ body: { lookedSince: null } });
  const told = await fetch(`${dashboard.url}/api/orders/${first.orderId}/story`);
  const { hops } = (await told.json()) as OrderStory;
  for (const id of [first.orderId, first.orderId.toUpperCase(), hops.at(-1)?.eventId ?? ''])
    expect(await find(`?id=${id}`)).toMatchObject({
      status: 200,
      body: { orders: [{ orderId: first.orderId }] },
    });
  for (const bad of ['', '?id=', '?id=%00', '?id=a%0Ab', `?id=${'x'.repeat(201)}`]) {
    expect(await find(bad)).toMatchObject({ status: 400, body: { errors: [{ field: 'id' }] } });
  }
  expect(await find('?id=nobody-knows')).toMatchObject({
    status: 200,
    body: { orders: [], nothing: expect.stringMatching(/^Nothing is known of nobody-knows/) as string },
  });
  expect((await fetch(`${dashboard.url}/api/orders/nobody-knows/story`)).status).toBe(404);
});

test('what the order service refuses is refused here in its own words', async () => {
  const line = { sku: 'lamp', quantity: 0, unitPriceMinor: 1 };
  const refused = await page.act('orders', { customerId: 'ada', country: 'France', lines: [line] });
  expect(refused).toMatchObject({
    status: 400,
    body: { detail: expect.stringContaining('lines[0].quantity') as string },
  });
});

test('a connector is paused, seen as broken within seconds, resumed and restarted', async () => {
  const name = ordersConnector();
  expect(await page.act(`connectors/${name}/pause`, {})).toMatchObject({
    status: 200,
    body: { said: expect.stringContaining('is paused') as string },
  });
  const paused = await page.until(
    'the broken hop',
    (state) => hopOf(state, 'orders-debezium')?.health === 'broken',
    10_000,
  );
  expect(paused.way).toMatchObject({
    health: 'broken',
    verdict: expect.stringMatching(/orders-outbox is PAUSED/) as string,
  });
  expect(await page.act(`connectors/${name}/restart`, {})).toMatchObject({ status: 409 });
  expect(await page.act(`connectors/${name}/resume`, {})).toMatchObject({ status: 200 });
  expect(await page.act(`connectors/${name}/restart`, { task: 0 })).toMatchObject({
    status: 200,
    body: { said: `Task 0 of ${name} runs again.` },
  });
  expect(await page.act(`connectors/${name}/restart`, {})).toMatchObject({ status: 200 });
  await page.until('every hop to be well again', ({ way }) => way.health === 'good');
  expect(await page.act('connectors/nobody/pause', {})).toMatchObject({ status: 404 });
});

test('a parked key is shown with its reason, redriven in vain, and discarded', async () => {
  await produceEvents(`${pipeline.topicPrefix}orders.events`, [
    testEvent({ type: 'Unheard', key: 'zed', keySeq: 1, payload: {} }),
  ]);
  const state = await page.until('the held key', ({ held }) =>
    held.keys.some(({ consumer }) => consumer === 'inventory'),
  );
  const held = state.held.keys.find(({ consumer }) => consumer === 'inventory');
  expect(held).toMatchObject({ key: 'zed', state: 'parked', firstType: 'Unheard', events: 1 });
  await page.until('the slow hop', (now) => hopOf(now, 'inventory')?.health === 'slow');
  const at = { consumer: 'inventory', topic: held?.topic, key: 'zed' };
  expect(await page.act('held/redrive', at)).toMatchObject({
    status: 409,
    body: { detail: expect.stringContaining('still parked') as string },
  });
  expect(await page.act('held/discard', at)).toMatchObject({ status: 400 });
  expect(await page.act('held/discard', { ...at, reason: 'a test' })).toMatchObject({ status: 200 });
  await page.until('it to be gone', ({ held: { keys } }) =>
    keys.every(({ consumer }) => consumer !== 'inventory'),
  );
});

test('with Connect away that is said, and everything else goes on', async () => {
  await dashboard.proxy.close();
  try {
    await page.until('the problem', ({ connectors }) => connectors.problem?.includes('Connect') === true);
    const { orderId } = await shop.place('bob', { lamp: 1 });
    const state = await page.until('the order in the feed', ({ events }) =>
      events.rows.some(({ aggregateId }) => aggregateId === orderId),
    );
    expect(state.slots.problem).toBeNull();
    expect(state.connectors.connectors).toHaveLength(2);
    await page.until('the slow hop', (now) => hopOf(now, 'orders-debezium')?.health === 'slow');
    expect(await page.act(`connectors/${ordersConnector()}/pause`, {})).toMatchObject({ status: 503 });
  } finally {
    await dashboard.proxy.reopen();
  }
  await page.until('Connect to be back', ({ connectors }) => connectors.problem === null);
});

test('actions from elsewhere are refused, and so is another name for this machine', async () => {
  const order = { customerId: 'eve', country: 'France', lines: [] };
  expect(await page.act('orders', order, {})).toMatchObject({ status: 403 });
  const marked = { 'x-dashboard': '1' };
  expect(await page.act('orders', order, { ...marked, origin: 'http://evil.example' })).toMatchObject({
    status: 403,
  });
  expect(await page.act('orders', order, { ...marked, 'sec-fetch-site': 'cross-site' })).toMatchObject({
    status: 403,
  });
  const { port } = new URL(dashboard.url);
  const status = await new Promise<number | undefined>((resolve, reject) => {
    request({ port, path: '/api/live', headers: { host: 'evil.example' } }, (answer) => {
      answer.destroy();
      resolve(answer.statusCode);
    })
      .on('error', reject)
      .end();
  });
  expect(status).toBe(421);
  const answer = await fetch(`${dashboard.url}/healthz`);
  expect(answer.headers.get('content-security-policy')).toContain("default-src 'none'");
});

test('with a token nobody gets in without it; a login gives a cookie that does', async () => {
  const token = 'a-token-of-the-test';
  const closed = await startTestDashboard(pipeline, { env: { DASHBOARD_TOKEN: token, PROBE_EVERY_MS: '0' } });
  try {
    const status = async (init?: RequestInit): Promise<number> => {
      const answer = await fetch(`${closed.url}/healthz`, init);
      await answer.body?.cancel();
      return answer.status;
    };
    expect(await status()).toBe(401);
    expect(await status({ headers: { authorization: 'Bearer another-token-of-the-test' } })).toBe(401);
    expect(await status({ headers: { authorization: `Bearer ${token}` } })).toBe(200);
    const form = await fetch(closed.url, { headers: { accept: 'text/html' } });
    expect(form.status).toBe(401);
    expect(await form.text()).toContain('<form method="post" action="login">');
    const login = (given: string): Promise<Response> =>
      fetch(`${closed.url}/login`, {
        method: 'POST',
        redirect: 'manual',
        body: new URLSearchParams({ token: given }),
      });
    expect((await login('wrong')).status).toBe(401);
    const answer = await login(token);
    expect(answer.status).toBe(303);
    const cookie = answer.headers.get('set-cookie') ?? '';
    expect(cookie).toMatch(/HttpOnly; SameSite=Strict/);
    expect(cookie).not.toContain(token);
    const session = { cookie: cookie.split(';', 1)[0] ?? '' };
    const client = await openDashboardClient(closed.url, session);
    client.close();
  } finally {
    await closed.stop();
  }
});
