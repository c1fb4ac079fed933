import { sendRaw, type RawAnswer } from '../../support/raw-http.ts';
import { anOrder, outboxOf, startOrdersOverHttp, type OrdersOverHttp } from './orders-over-http.ts';

let orders: OrdersOverHttp;
let port: number;
/** Takes 10 s, and so is begun before everything else. */
let tooSlow: Promise<RawAnswer | undefined>;

beforeAll(async () => {
  orders = await startOrdersOverHttp();
  port = Number(new URL(orders.url).port);
  tooSlow = sendRaw(port, 'GET /orders HTTP/1.1\r\nHost: x\r\nX-Never-Ends: a', { withinMs: 60_000 });
});
afterAll(() => orders.stop());
// Whatever was sent: the service lives, and nothing is half done.
afterEach(async () => {
  expect((await orders.get('/healthz')).status).toBe(200);
  const { rows } = await orders.database.pool.query({
    text: `select (select count(*)::int from orders.orders) = (select count(*)::int from pipeline.outbox) as "isSo"`,
  });
  expect(rows).toEqual([{ isSo: true }]);
});

const json = 'Content-Type: application/json\r\n';
const order = JSON.stringify(anOrder);
/** `order` with these members before its own; twice the same name is the point. */
const with_ = (members: string): string => `{${members},${order.slice(1)}`;

function post(body: string | Buffer, headers = json, path = '/orders'): Buffer {
  const head = `POST ${path} HTTP/1.1\r\nHost: x\r\nConnection: close\r\nContent-Length: ${Buffer.byteLength(body)}\r\n${headers}\r\n`;
  return Buffer.concat([Buffer.from(head), Buffer.from(body)]);
}
const framed = (headers: string, rest: string): string =>
  `POST /orders HTTP/1.1\r\nHost: x\r\nConnection: close\r\n${json}${headers}\r\n${rest}`;
const headersOf = (count: number): string =>
  `GET /orders HTTP/1.1\r\nHost: x\r\nConnection: close\r\n${Array.from({ length: count - 2 }, (_, i) => `x${i}: 1\r\n`).join('')}\r\n`;

/** What was answered, after a look whether it is a problem as every problem is. */
async function problemOf(request: string | Buffer): Promise<Record<string, unknown>> {
  const answer = await sendRaw(port, request);
  return readProblem(answer);
}

function readProblem(answer: RawAnswer | undefined): Record<string, unknown> {
  if (answer === undefined) throw new Error('There was no answer.');
  expect(answer.headers.get('content-type')).toMatch(/^application\/problem\+json/);
  const problem = JSON.parse(answer.body) as Record<string, unknown>;
  expect(problem).toMatchObject({
    status: answer.status,
    type: expect.stringMatching(/^urn:problem:/) as string,
    detail: expect.stringMatching(/./) as string,
  });
  return problem;
}

describe('a request that can be read in two ways is not read', () => {
  test.each<[what: string, request: string]>([
    ['a length and chunks', framed('Content-Length: 4\r\nTransfer-Encoding: chunked\r\n', '0\r\n\r\n')],
    ['chunks and a length', framed('Transfer-Encoding: chunked\r\nContent-Length: 4\r\n', '0\r\n\r\n')],
    ['two lengths', framed('Content-Length: 2\r\nContent-Length: 3\r\n', '{}{')],
    [
      'chunks that are not the last encoding',
      framed('Transfer-Encoding: chunked, identity\r\n', '0\r\n\r\n'),
    ],
    ['an encoding nobody knows', framed('Transfer-Encoding: xchunked\r\n', '0\r\n\r\n')],
    ['a chunk without a length', framed('Transfer-Encoding: chunked\r\n', 'zz\r\n\r\n')],
    ['a space before the colon', framed('Transfer-Encoding : chunked\r\n', '0\r\n\r\n')],
    ['a header over two lines', framed('X: a\r\n Transfer-Encoding: chunked\r\n', '0\r\n\r\n')],
    ['bare line feeds', 'GET /orders HTTP/1.1\nHost: x\n\n'],
    ['no host', 'GET /orders HTTP/1.1\r\nConnection: close\r\n\r\n'],
    ['two hosts', 'GET /orders HTTP/1.1\r\nHost: a\r\nHost: b\r\nConnection: close\r\n\r\n'],
    ['HTTP/2', 'PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n'],
  ])('%s', async (_, request) => {
    expect(await problemOf(request)).toMatchObject({ status: 400 });
  });

  test('nor is what comes behind it taken for a second one', async () => {
    const hidden = post(order, `${json}Idempotency-Key: hidden\r\n`).toString();
    await problemOf(framed('Content-Length: 4\r\nTransfer-Encoding: chunked\r\n', `0\r\n\r\n${hidden}`));
    expect(await outboxOf(orders)).toEqual([]);
  });
});

describe('a request that is too much', () => {
  test('a body of more than 384 kB, also when it does not say so', async () => {
    const large = JSON.stringify({ ...anOrder, reference: 'x'.repeat(400_000) });
    expect(await problemOf(post(large))).toMatchObject({ status: 413 });
    const chunked = framed(
      'Transfer-Encoding: chunked\r\n',
      `${large.length.toString(16)}\r\n${large}\r\n0\r\n\r\n`,
    );
    expect(await problemOf(chunked)).toMatchObject({ status: 413 });
  });

  test.each(['[', '{"lines":', '{"a":'])('30,000 times %s', async (opening) => {
    const closing = opening === '[' ? ']' : '}';
    const deep = `${opening.repeat(30_000)}1${closing.repeat(30_000)}`;
    expect(await problemOf(post(deep))).toMatchObject({
      status: 400,
      errors: expect.arrayContaining([
        { field: expect.any(String) as string, reason: expect.any(String) as string },
      ]) as unknown,
    });
  });

  test('65 headers, which are never cut down to 64: one of them may be the Idempotency-Key', async () => {
    expect(await sendRaw(port, headersOf(64))).toMatchObject({ status: 200 });
    expect(await problemOf(headersOf(65))).toMatchObject({ status: 431 });
  });

  test('headers of more than 16 kB', async () => {
    expect(await problemOf(framed(`X: ${'a'.repeat(17_000)}\r\n`, ''))).toMatchObject({ status: 431 });
    const path = `/orders?customerId=${'a'.repeat(17_000)}`;
    expect(await problemOf(`GET ${path} HTTP/1.1\r\nHost: x\r\n\r\n`)).toMatchObject({ status: 431 });
  });

  test('a body that is small until it is unpacked', async () => {
    const answer = await problemOf(post('H4sI', `${json}Content-Encoding: gzip\r\n`));
    expect(answer).toMatchObject({ status: 415 });
  });

  test('headers that trickle in are waited for no longer than 10 s', async () => {
    expect(readProblem(await tooSlow)).toMatchObject({ status: 408 });
  });
});

describe('a body that is not what it says', () => {
  test.each<[what: string, status: number, request: Buffer]>([
    ['another content type', 415, post(order, 'Content-Type: text/plain\r\n')],
    ['none', 415, post(order, '')],
    ['another character set', 415, post(order, 'Content-Type: application/json; charset=latin1\r\n')],
    [
      'UTF-16',
      415,
      post(Buffer.from(order, 'utf16le'), 'Content-Type: application/json; charset=utf-16le\r\n'),
    ],
    ['bytes that are no UTF-8', 400, post(Buffer.from(order.replace('United', 'Unit\xe9'), 'latin1'))],
    ['half a character', 400, post(Buffer.from(order.replace('c1', '\xf0\x9f'), 'latin1'))],
    ['nothing', 400, post('')],
    ['half of it', 400, post(order.slice(0, 40))],
    ['a NUL', 400, post(order.replace('c1', 'c\\u0000'))],
    ['half a surrogate pair', 400, post(order.replace('c1', '\\ud83d'))],
  ])('%s', async (_, status, request) => {
    expect(await problemOf(request)).toMatchObject({ status });
  });

  test('in a bulk upload, bytes that are no UTF-8 are refused line by line', async () => {
    const bad = Buffer.from(order.replace('United', 'Unit\xe9'), 'latin1');
    const lines = Buffer.concat([bad, Buffer.from('\n')]);
    const answer = await sendRaw(port, post(lines, 'Content-Type: application/x-ndjson\r\n', '/orders/bulk'));
    expect(JSON.parse(answer?.body ?? '')).toMatchObject({ line: 1, problem: { status: 400 } });
  });

  test('a client that leaves in the middle of its body has ordered nothing', async () => {
    await orders.empty();
    const whole = post(order);
    await sendRaw(port, whole.subarray(0, whole.length - 1), { leave: true });
    expect(await outboxOf(orders)).toEqual([]);
  });
});

describe('names that mean something to JavaScript', () => {
  test.each(['__proto__', 'constructor', 'prototype', 'toString', 'hasOwnProperty'])(
    '%s is an unknown field like any other, in a body, a query and a line of a bulk upload',
    async (name) => {
      const refused = { errors: [{ field: name, reason: 'unknown field' }] };
      const body = with_(`"${name}":{"customerId":"mallory","isAdmin":true}`);
      expect(await problemOf(post(body))).toMatchObject(refused);
      const query = `GET /orders?${name}=1 HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n`;
      expect(await problemOf(query)).toMatchObject(refused);
      const bulk = post(`${body}\n`, 'Content-Type: application/x-ndjson\r\n', '/orders/bulk');
      expect(JSON.parse((await sendRaw(port, bulk))?.body ?? '')).toMatchObject({ problem: refused });
      expect(({} as Record<string, unknown>)['isAdmin']).toBeUndefined();
    },
  );
});

test('of two members with one name the last counts, for what is kept, said and recognised as a repetition', async () => {
  await orders.empty();
  const key = `${json}Idempotency-Key: twice\r\n`;
  const first = await sendRaw(port, post(with_('"customerId":"mallory"'), key));
  expect(first?.status).toBe(201);
  expect(await outboxOf(orders)).toMatchObject([{ type: 'OrderPlaced', key: 'c1' }]);
  const again = await sendRaw(port, post(order, key));
  expect([again?.status, again?.body]).toEqual([201, first?.body]);
});

test('what Node would answer by itself is a problem, too', async () => {
  const ask = (line: string, header = ''): string =>
    `${line} HTTP/1.1\r\nHost: x\r\nConnection: close\r\n${header}\r\n`;
  expect(await problemOf(ask('CONNECT elsewhere:443'))).toMatchObject({ status: 405 });
  expect(await problemOf(ask('GET /orders', 'Expect: soup\r\n'))).toMatchObject({ status: 417 });
  expect(await problemOf(ask('TRACE /orders'))).toMatchObject({ status: 405 });
  expect(await problemOf(ask('GET /orders/%zz'))).toMatchObject({ status: 400 });
  expect(await problemOf(ask('GET /../../etc/passwd'))).toMatchObject({ status: 404 });
});
