import { once } from 'node:events';
import { createServer } from 'node:http';
import type { Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { waitUntil } from '../../../src/platform/wait-until.ts';
import { startStormLoad } from '../../chaos/storm-load.ts';
import type { TestPipeline } from '../../support/test-pipeline.ts';

let server: Server;
let url: string;
beforeAll(async () => {
  let answered = 0;
  server = createServer(({ url: path = '' }, response) => {
    const id = `id-${(answered += 1)}`;
    const isCancel = path.endsWith('/cancel');
    const body = path === '/returns' ? { returnId: id } : { orderId: isCancel ? path.split('/')[2] : id };
    response.writeHead(isCancel ? 409 : 201).end(JSON.stringify({ ...body, path }));
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
});
afterAll(async () => {
  server.closeAllConnections();
  server.close();
  await once(server, 'close');
});

test('each answer is kept: of orders, of returns and of cancels, with the order that it is about', async () => {
  const pipeline = { service: () => ({ url }) } as unknown as TestPipeline;
  const load = startStormLoad(pipeline, { seed: 1, ordersPerSecond: 200 });
  await waitUntil(() => load.counts.cancels > 2 && load.counts.returns > 2, {
    timeoutMs: 60_000,
    what: 'cancels and returns',
  });
  await load.finish(30_000);
  const { counts, replies, acknowledged, returned } = load;
  const cancels = replies.filter((reply) => reply.cancels !== undefined);
  expect(cancels).toHaveLength(counts.cancels);
  for (const { cancels: orderId, first } of cancels)
    expect(first).toEqual({ orderId, path: `/orders/${orderId}/cancel` });
  expect(replies).toHaveLength(counts.orders + counts.returns + counts.cancels);
  expect(acknowledged).toHaveLength(counts.orders);
  expect(returned).toHaveLength(counts.returns);
});
