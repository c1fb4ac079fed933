import { CustomerQueues } from '../../../scripts/demo/customer-queues.ts';
import type { Invoice } from '../../../scripts/demo/invoices.ts';

const invoice = (invoiceNo: string, customerId: string | null): Invoice => ({
  invoiceNo,
  customerId,
  kind: 'order',
  country: 'France',
  at: new Date(0),
  lines: [],
  refusals: [],
});

describe('CustomerQueues', () => {
  test('never hands out two invoices of one customer at once, and passes over to others meanwhile', () => {
    const [a1, a2, b1] = [invoice('a1', 'a'), invoice('a2', 'a'), invoice('b1', 'b')];
    const queues = new CustomerQueues([a1, a2, b1]);
    expect([queues.take(), queues.take(), queues.take()]).toEqual([a1, b1, undefined]);
    queues.done(a1);
    expect(queues.take()).toBe(a2);
  });

  test('keeps the order of a customer', () => {
    const invoices = ['1', '2', '3'].map((no) => invoice(no, 'a'));
    const queues = new CustomerQueues(invoices);
    const order: (string | undefined)[] = [];
    for (let next = queues.take(); next !== undefined; next = queues.take()) {
      order.push(next.invoiceNo);
      queues.take();
      queues.done(next);
    }
    expect(order).toEqual(['1', '2', '3']);
  });

  test('guests do not wait for each other', () => {
    const queues = new CustomerQueues([invoice('1', null), invoice('2', null)]);
    expect([queues.take()?.invoiceNo, queues.take()?.invoiceNo]).toEqual(['1', '2']);
  });
});
