import { once } from 'node:events';
import { request } from 'node:http';
import { waitUntil } from '../../../src/platform/wait-until.ts';
import { anOrder, outboxOf, startOrdersOverHttp } from './orders-over-http.ts';
import type { Answer, OrdersOverHttp } from './orders-over-http.ts';

let orders: OrdersOverHttp;
beforeAll(async () => {
  orders = await startOrdersOverHttp();
});
beforeEach(() => orders.empty());
afterAll(() => orders.stop());

const ndjson = { 'content-type': 'application/x-ndjson' };
const one = JSON.stringify(anOrder);

interface Line {
  line: number;
  orderId?: string;
  status?: string;
  replayed?: boolean;
  problem?: { status: number };
}

const answersOf = ({ text }: Answer): Line[] =>
  text
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line) as Line);

const placed = async (): Promise<number> => (await outboxOf(orders)).length;

describe('POST /orders/bulk', () => {
  test('answers line by line in order; a bad line does not harm the others', async () => {
    const tooLong = JSON.stringify({ ...anOrder, reference: 'x'.repeat(70_000) });
    const lines = [one, '{"bad', '', tooLong, '{"country":"F"}', one];
    const answers = answersOf(await orders.post('/orders/bulk', lines.join('\n'), ndjson));
    expect(answers.map(({ line, status, problem }) => [line, status ?? problem?.status])).toEqual([
      [1, 'PLACED'],
      [2, 400],
      [4, 413],
      [5, 400],
      [6, 'PLACED'],
    ]);
    expect(await placed()).toBe(2);
  });

  test('places thousands in few transactions', async () => {
    const many = Array.from({ length: 3_000 }, (_, i) =>
      JSON.stringify({ ...anOrder, customerId: `c${i % 7}` }),
    );
    const answers = answersOf(await orders.post('/orders/bulk', many.join('\n'), ndjson));
    expect(new Set(answers.map((answer) => answer.orderId)).size).toBe(3_000);
    expect(answers.map((answer) => answer.line)).toEqual(many.map((_, i) => i + 1));
    const { rows } = await orders.database.pool.query<{ count: number }>({
      text: 'select count(distinct xid) from pipeline.outbox',
    });
    expect(rows[0]?.count).toBeLessThan(40);
    const { rows: gaps } = await orders.database.pool.query({
      text: `select partition_key from pipeline.outbox group by 1 having max(key_seq) <> count(*) or min(key_seq) <> 1`,
    });
    expect(gaps).toEqual([]);
  });

  test('sent again places nothing twice where lines have an idempotencyKey, also within one request', async () => {
    const keyed = (key: string, country: string): string =>
      JSON.stringify({ ...anOrder, country, idempotencyKey: key });
    const lines = [keyed('a', 'F'), keyed('b', 'F'), keyed('a', 'F'), keyed('a', 'G')].join('\n');
    const first = answersOf(await orders.post('/orders/bulk', lines, ndjson));
    expect(first.map(({ status, replayed, problem }) => [status ?? problem?.status, replayed])).toEqual([
      ['PLACED', undefined],
      ['PLACED', undefined],
      ['PLACED', true],
      [422, undefined],
    ]);
    expect(first[2]?.orderId).toBe(first[0]?.orderId);
    const again = answersOf(await orders.post('/orders/bulk', lines, ndjson));
    expect(again.map((answer) => answer.orderId)).toEqual(first.map((answer) => answer.orderId));
    const single = await orders.post('/orders', { ...anOrder, country: 'F' }, { 'idempotency-key': 'a' });
    expect(single.body).toMatchObject({ orderId: first[0]?.orderId });
    expect(await placed()).toBe(2);
  });

  test('files with the same keys in opposite order all end', async () => {
    const keys = Array.from({ length: 500 }, (_, i) => `k${i}`);
    const file = (some: string[]): string =>
      some.map((idempotencyKey) => JSON.stringify({ ...anOrder, idempotencyKey })).join('\n');
    const answers = await Promise.all(
      Array.from({ length: 8 }, (_, i) => (i % 2 === 0 ? keys : keys.toReversed())).map((some) =>
        orders.post('/orders/bulk', file(some), ndjson),
      ),
    );
    expect(answers.flatMap(answersOf).filter((answer) => answer.status !== 'PLACED')).toEqual([]);
    expect(await placed()).toBe(500);
  });

  test('answers what it has before the client has sent all, and a client that leaves keeps what was answered', async () => {
    const client = request(`${orders.url}/orders/bulk`, { method: 'POST', headers: ndjson });
    client.on('error', () => undefined);
    client.write(`${one}\n${one}\n${one.slice(0, 10)}`);
    const [response] = (await once(client, 'response')) as [NodeJS.ReadableStream];
    const [chunk] = (await once(response, 'data')) as [Buffer];
    expect(chunk.toString().trim().split('\n')).toHaveLength(2);
    response.on('error', () => undefined);
    client.destroy();
    expect(await placed()).toBe(2);
    // The connection's end is noticed and nothing of the half line is placed.
    await waitUntil(
      async () => (await orders.get('/metrics')).text.includes('route="/orders/bulk",status="499"'),
      {
        timeoutMs: 5_000,
        what: 'the end of the request',
      },
    );
    expect(await placed()).toBe(2);
  });

  test('takes only NDJSON', async () => {
    expect((await orders.post('/orders/bulk', anOrder)).status).toBe(415);
  });
});
