import { once } from 'node:events';
import { createServer } from 'node:http';
import type { Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { setTimeout as delay } from 'node:timers/promises';
import { createClientNetwork } from '../../chaos/client-network.ts';
import type { ClientNetwork } from '../../chaos/client-network.ts';
import { clientNetworkFaults } from '../../chaos/faults/client-network.ts';
import { startStormLoad } from '../../chaos/storm-load.ts';
import type { Storm } from '../../chaos/storm.ts';
import type { TestPipeline } from '../../support/test-pipeline.ts';

let clients: ClientNetwork;
const servers: Server[] = [];
beforeEach(() => (clients = createClientNetwork()));
afterEach(async () => {
  for (const server of servers.splice(0)) server.close().closeAllConnections();
  await clients.close();
});

async function listening(server: Server): Promise<Server> {
  servers.push(server);
  await once(server.listen(0, '127.0.0.1'), 'listening');
  return server;
}

const urlOf = (server: Server): string => `http://127.0.0.1:${(server.address() as AddressInfo).port}`;

/** An order service that keeps nothing but how often each key came. */
async function startCounter(): Promise<{ server: Server; asked: Map<string, number> }> {
  const asked = new Map<string, number>();
  const counter = createServer((request, response) => {
    const key = String(request.headers['idempotency-key']);
    asked.set(key, (asked.get(key) ?? 0) + 1);
    request.resume();
    response.writeHead(201).end(JSON.stringify({ orderId: key, returnId: key }));
  });
  return { server: await listening(counter), asked };
}

test.each(clientNetworkFaults)('$name: every request is answered in the end, by its key', async (fault) => {
  const { server, asked } = await startCounter();
  const pipeline = { service: () => ({ url: urlOf(server) }) } as unknown as TestPipeline;
  const load = startStormLoad(pipeline, { seed: 1, ordersPerSecond: 100 }, (url) => clients.through(url));
  const { signal } = new AbortController();
  const storm = { clients, load, signal, hold: (ms: number) => delay(ms) } as unknown as Storm;
  await fault.strike(storm, { number: 1, holdMs: 300, choice: 0 });
  await load.finish(20_000);

  const { orders, returns, cancels, repeated, retries } = load.counts;
  const isSlow = fault.name.endsWith('slow');
  expect(clients.lostAnswers >= 3).toBe(!isSlow);
  expect(retries >= 3).toBe(!isSlow);
  expect(load.internalErrors).toEqual([]);
  expect(asked.size).toBe(orders + returns + cancels);
  // What was lost had been done: it came once more than it was answered.
  const tries = [...asked.values()].reduce((sum, count) => sum + count, 0);
  expect(tries - asked.size - repeated >= 3).toBe(!isSlow);
});

test('an instance that is replaced goes on answering those who asked it', async () => {
  const held = createServer(
    (_request, response) => void once(held, 'let go').then(() => response.end('old')),
  );
  const next = createServer((_request, response) => response.end('new'));
  for (const server of [held, next]) await listening(server);
  const old = fetch(await clients.through(urlOf(held)));
  await once(held, 'request');
  expect(await (await fetch(await clients.through(urlOf(next)))).text()).toBe('new');
  held.emit('let go');
  expect(await (await old).text()).toBe('old');
});
