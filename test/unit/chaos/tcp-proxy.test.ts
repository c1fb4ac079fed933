import { once } from 'node:events';
import { connect, createServer } from 'node:net';
import type { AddressInfo, Server, Socket } from 'node:net';
import { waitUntil } from '../../../src/platform/wait-until.ts';
import { startTcpProxy } from '../../support/tcp-proxy.ts';
import type { TcpProxy } from '../../support/tcp-proxy.ts';

let echo: Server;
let proxy: TcpProxy;
const clients: Socket[] = [];

beforeEach(async () => {
  echo = createServer((socket) => socket.on('error', () => undefined).pipe(socket)).listen(0, '127.0.0.1');
  await once(echo, 'listening');
  proxy = await startTcpProxy((echo.address() as AddressInfo).port);
});
afterEach(async () => {
  for (const client of clients.splice(0)) client.destroy();
  await proxy.close();
  echo.close();
});

function open(): Socket {
  const client = connect(proxy.port, '127.0.0.1');
  clients.push(client);
  return client;
}

async function echoed(client: Socket, text: string): Promise<string> {
  client.write(text);
  const [answer] = (await once(client, 'data')) as [Buffer];
  return String(answer);
}

/** The error that ends it; undefined for a clean end. */
const endOf = (client: Socket): Promise<string | undefined> =>
  new Promise((resolve) => {
    let code: string | undefined;
    client.on('error', (error: NodeJS.ErrnoException) => (code = error.code));
    client.on('close', () => resolve(code));
    client.resume();
  });

test('passes on what is sent, slowly when it is slow', async () => {
  const client = open();
  expect(await echoed(client, 'a')).toBe('a');
  proxy.become('slow');
  const began = performance.now();
  expect(await echoed(client, 'b')).toBe('b');
  expect(performance.now() - began).toBeGreaterThan(200);
});

test.each(['cut', 'reset'] as const)('%s ends what is open and refuses what is new', async (mode) => {
  const client = open();
  await echoed(client, 'a');
  const ended = endOf(client);
  proxy.become(mode);
  expect(await ended).toBe(mode === 'cut' ? undefined : 'ECONNRESET');
  expect(await endOf(open())).toBe('ECONNRESET');
  proxy.become('pass');
  expect(await echoed(open(), 'b')).toBe('b');
});

test('half-open tells nobody that nothing gets through, and such a connection is gone afterwards', async () => {
  const client = open();
  await echoed(client, 'a');
  proxy.become('half-open');
  let heard = '';
  client.on('data', (data: Buffer) => (heard += String(data)));
  client.write('b');
  // Long after an echo would have come: another connection has one.
  const other = connect((echo.address() as AddressInfo).port, '127.0.0.1');
  clients.push(other);
  expect(await echoed(other, 'c')).toBe('c');
  expect(heard).toBe('');
  expect(client.destroyed).toBe(false);
  const ended = endOf(client);
  proxy.become('pass');
  expect(await ended).toBe('ECONNRESET');
});

test('stale keeps silent what is open, and passes what is new', async () => {
  const before = open();
  await echoed(before, 'a');
  proxy.become('stale');
  let heard = '';
  before.on('data', (data: Buffer) => (heard += String(data)));
  before.write('b');
  expect(await echoed(open(), 'c')).toBe('c');
  expect(heard).toBe('');
  expect(before.destroyed).toBe(false);
  const ended = endOf(before);
  proxy.become('pass');
  expect(await ended).toBe('ECONNRESET');
});

test('unanswered passes what is asked and counts the answer that it keeps; such a connection is gone afterwards', async () => {
  const client = open();
  await echoed(client, 'a');
  const other = open();
  await echoed(other, 'a');
  expect(proxy.lostAnswers).toBe(0);
  proxy.become('unanswered');
  client.write('b');
  // Only who was asked can have answered.
  await waitUntil(() => proxy.lostAnswers === 1, { timeoutMs: 5_000, what: 'the answer to be lost' });
  expect(client.destroyed).toBe(false);
  const ended = Promise.all([endOf(client), endOf(other)]);
  proxy.become('pass');
  expect(await ended).toEqual(['ECONNRESET', 'ECONNRESET']);
  expect(await echoed(open(), 'c')).toBe('c');
});

test('leads to another server from now on, and tears down what was connected to the one before', async () => {
  const client = open();
  await echoed(client, 'a');
  const other = createServer((socket) => socket.end('other')).listen(0, '127.0.0.1');
  await once(other, 'listening');
  const ended = endOf(client);
  proxy.leadTo((other.address() as AddressInfo).port);
  expect(await ended).toBe('ECONNRESET');
  expect(await echoed(open(), 'b')).toBe('other');
  other.close();
});
