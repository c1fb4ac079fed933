import { createServer } from 'node:http';
import type { Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { json } from 'node:stream/consumers';
import { z } from 'zod';
import type { Invoice } from '../../../scripts/demo/invoices.ts';
import { sendInvoices } from '../../../scripts/demo/send-invoices.ts';

const orderId = '01900000-0000-7000-8000-000000000001';
const bodySchema = z.looseObject({ customerId: z.string().optional(), reference: z.string().optional() });

const invoice = (invoiceNo: string, changes: Partial<Invoice> = {}): Invoice => ({
  invoiceNo,
  kind: 'order',
  customerId: 'a',
  country: 'France',
  at: new Date(0),
  lines: [{ sku: '22423', quantity: 2, unitPriceMinor: 1275 }],
  refusals: [],
  ...changes,
});

describe('sendInvoices', () => {
  let server: Server;
  let ordersUrl: string;
  let seen: { url: string | undefined; key: unknown; body: z.infer<typeof bodySchema> }[];
  let underWay: string[];
  let twoOfOneCustomer: boolean;
  beforeEach(async () => {
    seen = [];
    underWay = [];
    twoOfOneCustomer = false;
    server = createServer((request, response) => {
      void json(request).then((content) => {
        const body = bodySchema.parse(content);
        const customer = body.customerId ?? 'guest';
        twoOfOneCustomer ||= underWay.includes(customer);
        underWay.push(customer);
        seen.push({ url: request.url, key: request.headers['idempotency-key'], body });
        setImmediate(() => {
          underWay.splice(underWay.indexOf(customer), 1);
          if (body.reference === 'bad') response.writeHead(400).end('{"title":"Not valid"}');
          else
            response
              .writeHead(201)
              .end(JSON.stringify(request.url === '/orders' ? { orderId } : { returnId: orderId }));
        });
      });
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    ordersUrl = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  });
  afterEach(() => {
    server.closeAllConnections();
    server.close();
  });
  const send = (invoices: Invoice[], rate?: number) =>
    sendInvoices(invoices, { ordersUrl, runId: 'run', rate, onAnswer: () => undefined });

  test('sends orders and returns to their routes, each with a key of its run and number', async () => {
    await send([invoice('1'), invoice('C2', { kind: 'return' })]);
    const goods = { customerId: 'a', country: 'France', currency: 'GBP', lines: invoice('1').lines };
    expect(seen).toEqual([
      { url: '/orders', key: 'run-1', body: { ...goods, reference: '1' } },
      { url: '/returns', key: 'run-C2', body: goods },
    ]);
  });

  test('leaves the customer of a guest out', async () => {
    await send([invoice('1', { customerId: null })]);
    expect(seen[0]?.body).not.toHaveProperty('customerId');
  });

  test('counts what was accepted and what was refused, by reason', async () => {
    const sent = await send([invoice('1'), invoice('bad'), invoice('C2', { kind: 'return' })]);
    expect(sent.orders).toMatchObject([{ id: orderId, invoice: { invoiceNo: '1' } }]);
    expect(sent.returns).toHaveLength(1);
    expect([...sent.refusedOrders]).toEqual([['400 Not valid', 1]]);
  });

  test('keeps the order of each customer while others overtake', async () => {
    const invoices = Array.from({ length: 60 }, (_, index) =>
      invoice(String(index), { customerId: `c${index % 7}` }),
    );
    await send(invoices);
    expect(twoOfOneCustomer).toBe(false);
    for (const [customer, theirs] of Map.groupBy(seen, ({ body }) => body.customerId)) {
      const numbers = theirs.map(({ body }) => Number(body.reference));
      expect([customer, numbers]).toEqual([customer, numbers.toSorted((a, b) => a - b)]);
    }
    expect(seen).toHaveLength(60);
  });

  test('a rate spreads the requests over time', async () => {
    const began = performance.now();
    await send(
      [
        invoice('1', { customerId: null }),
        invoice('2', { customerId: null }),
        invoice('3', { customerId: null }),
      ],
      20,
    );
    expect(performance.now() - began).toBeGreaterThanOrEqual(99);
  });
});
