import { shopOf } from '../support/shop.ts';
import type { Shop } from '../support/shop.ts';
import { startTestPipeline } from '../support/test-pipeline.ts';
import type { TestPipeline } from '../support/test-pipeline.ts';
import { allEventsApplied } from '../support/all-events-applied.ts';

let pipeline: TestPipeline;
let shop: Shop;

beforeAll(async () => {
  pipeline = await startTestPipeline();
  shop = shopOf(pipeline);
});
afterAll(() => pipeline.stop());

test('an order placed over HTTP ends confirmed, with its stock reserved', async () => {
  await shop.setStock('lamp', 10);
  const { orderId, status } = await shop.place('ada', { lamp: 4 });
  expect(status).toBe('PLACED');
  expect(await shop.settled(orderId)).toMatchObject({ status: 'CONFIRMED' });
  expect(await shop.stockOf('lamp')).toMatchObject({ onHand: 10, reserved: 4 });
});

test('an order for more than there is ends rejected, with the reason for each sku, and reserves nothing', async () => {
  await shop.setStock('vase', 3);
  await shop.setStock('bowl', 50);
  const { orderId } = await shop.place('bob', { bowl: 5, vase: 4, 'no-such-sku': 1 });
  const order = await shop.settled(orderId);
  expect(order.status).toBe('REJECTED');
  expect(order.rejection).toEqual(
    expect.arrayContaining([
      { sku: 'vase', requested: 4, available: 3, reason: 'OUT_OF_STOCK' },
      { sku: 'no-such-sku', requested: 1, available: 0, reason: 'UNKNOWN_SKU' },
    ]),
  );
  expect(await shop.stockOf('bowl')).toMatchObject({ reserved: 0 });
});

test('a guest order works too', async () => {
  await shop.setStock('mug', 2);
  const { orderId } = await shop.place(undefined, { mug: 2 });
  expect(await shop.settled(orderId)).toMatchObject({ status: 'CONFIRMED' });
});

test('cancelling a confirmed order releases its stock once, and sales no longer count it', async () => {
  await shop.setStock('clock', 5);
  const { orderId } = await shop.place('cyd', { clock: 5 });
  await shop.settled(orderId);
  expect(await shop.cancel(orderId)).toMatchObject({ status: 'CANCELLED' });
  expect(await shop.cancel(orderId)).toMatchObject({ status: 'CANCELLED' });
  await shop.stockBecomes('clock', { onHand: 5, reserved: 0 });
  const next = await shop.place('dee', { clock: 5 });
  expect(await shop.settled(next.orderId)).toMatchObject({ status: 'CONFIRMED' });
});

test('cancelling an order before the inventory has answered leaves it cancelled, and nothing reserved', async () => {
  await shop.setStock('desk', 9);
  const orders = await Promise.all(Array.from({ length: 9 }, () => shop.place('eve', { desk: 1 })));
  const cancelled = await Promise.all(orders.map(({ orderId }) => shop.cancel(orderId)));
  expect(cancelled.map(({ status }) => status)).toEqual(Array.from({ length: 9 }, () => 'CANCELLED'));
  await allEventsApplied(pipeline);
  expect(await shop.stockOf('desk')).toMatchObject({ onHand: 9, reserved: 0 });
});

test('returned goods are on hand again', async () => {
  await shop.setStock('chair', 1);
  const response = await fetch(`${pipeline.service('orders').url}/returns`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({
      customerId: 'fay',
      country: 'France',
      lines: [{ sku: 'chair', quantity: 2, unitPriceMinor: 900 }],
    }),
  });
  expect(response.status).toBe(201);
  await shop.stockBecomes('chair', { onHand: 3, reserved: 0 });
});

test('a client that gets no answer and tries again with its Idempotency-Key has one order', async () => {
  await shop.setStock('rug', 9);
  const tries = await Promise.all(
    Array.from({ length: 5 }, () => shop.place('gus', { rug: 2 }, 'order-of-gus')),
  );
  expect(new Set(tries.map(({ orderId }) => orderId)).size).toBe(1);
  await shop.settled(tries[0]?.orderId ?? '');
  expect(await shop.stockOf('rug')).toMatchObject({ reserved: 2 });
});
