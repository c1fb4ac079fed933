import pg from 'pg';
import { placeOneByOne } from '../../../src/orders/http/place-one-by-one.ts';
import type { Encoder } from '../../../src/events/encoder.ts';
import { anOrder, startOrdersOverHttp } from './orders-over-http.ts';
import type { OrdersOverHttp } from './orders-over-http.ts';

let orders: OrdersOverHttp;
beforeAll(async () => {
  orders = await startOrdersOverHttp();
});
beforeEach(() => orders.empty());
afterAll(() => orders.stop());

const orderOf = (customerId: string) => ({ ...anOrder, customerId });

describe('orders that come one by one at the same time', () => {
  test('are committed in few transactions, each once', async () => {
    const answers = await Promise.all(
      Array.from({ length: 40 }, (_, i) => orders.post('/orders', orderOf(`c${i % 20}`))),
    );
    expect(answers.map(({ status }) => status)).toEqual(answers.map(() => 201));
    const { rows } = await orders.database.pool.query<{ orders: number; transactions: number }>({
      text: 'select count(*) as orders, count(distinct xmin::text) as transactions from orders.orders',
    });
    expect(rows[0]?.orders).toBe(40);
    expect(rows[0]?.transactions).toBeLessThan(30);
  });

  test("are not kept waiting by one customer's row that somebody holds, and that one goes through afterwards", async () => {
    await orders.post('/orders', orderOf('held'));
    const holder = new pg.Client(orders.database.ownerUrl);
    await holder.connect();
    await holder.query(`begin; select from pipeline.outbox_keys where key = 'held' for update`);
    let isAnswered = false;
    const held = orders.post('/orders', orderOf('held')).finally(() => {
      isAnswered = true;
    });
    const others = await Promise.all(
      Array.from({ length: 30 }, (_, i) => orders.post('/orders', orderOf(`c${i}`))),
    );
    expect(others.map(({ status }) => status)).toEqual(others.map(() => 201));
    expect(isAnswered).toBe(false);
    await holder.query('rollback');
    await holder.end();
    expect((await held).status).toBe(201);
  });

  test('are placed though one of them cannot be', async () => {
    const { encoder } = orders.context;
    const encode: Encoder['encode'] = (definition, payload) => {
      if ((payload as { customerId?: string }).customerId === 'poison') throw new Error('does not fit');
      return encoder.encode(definition, payload);
    };
    const place = placeOneByOne({ ...orders.context, encoder: { ...encoder, encode } });
    const results = await Promise.allSettled(
      ['a', 'poison', 'b'].map((customerId) =>
        place({ order: { ...orderOf(customerId), currency: 'GBP', reference: null }, traceparent: '' }),
      ),
    );
    expect(results).toMatchObject([
      { status: 'fulfilled', value: { kind: 'placed' } },
      { status: 'rejected', reason: { message: 'does not fit' } },
      { status: 'fulfilled', value: { kind: 'placed' } },
    ]);
    const { rows } = await orders.database.pool.query({
      text: 'select partition_key from pipeline.outbox order by partition_key',
    });
    expect(rows).toEqual([{ partition_key: 'a' }, { partition_key: 'b' }]);
  });
});
