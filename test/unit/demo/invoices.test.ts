import { chooseInvoices, InvoiceBook } from '../../../scripts/demo/invoices.ts';
import type { Invoice } from '../../../scripts/demo/invoices.ts';
import type { RawRow } from '../../../scripts/demo/judge-row.ts';

const row = (InvoiceNo: string, changes: RawRow = {}): RawRow => ({
  InvoiceNo,
  StockCode: '22423',
  Quantity: InvoiceNo.startsWith('C') ? '-1' : '1',
  InvoiceDate: '2010-12-01T08:26:00Z',
  UnitPrice: '1.00',
  CustomerID: '17850',
  Country: 'France',
  ...changes,
});
const gather = (...rows: RawRow[]): Invoice[] => {
  const book = new InvoiceBook();
  for (const one of rows) book.add(one);
  return book.invoices();
};

describe('InvoiceBook', () => {
  test('puts the rows of an invoice together though others come between', () => {
    const invoices = gather(row('1'), row('2', { CustomerID: '' }), row('1', { StockCode: '21730' }));
    expect(invoices).toMatchObject([
      { invoiceNo: '1', kind: 'order', customerId: '17850', lines: [{ sku: '22423' }, { sku: '21730' }] },
      { invoiceNo: '2', kind: 'order', customerId: null },
    ]);
  });

  test('leaves a bad row out of its invoice and keeps the reason', () => {
    expect(gather(row('1', { StockCode: 'POST' }), row('1'))).toMatchObject([
      { lines: [{ sku: '22423' }], refusals: ['not a product'] },
    ]);
  });

  test('orders invoices by time and keeps the order of the file within a minute', () => {
    const later = { InvoiceDate: '2010-12-02T08:26:00Z' };
    const numbers = gather(row('3', later), row('2'), row('1'), row('C4', later)).map(
      ({ invoiceNo }) => invoiceNo,
    );
    expect(numbers).toEqual(['2', '1', '3', 'C4']);
  });

  test('tells returns by the C of their number', () => {
    expect(gather(row('C1'))).toMatchObject([{ kind: 'return', lines: [{ quantity: 1 }] }]);
  });
});

describe('chooseInvoices', () => {
  test('counts every row once: as a line to send or by the reason of its refusal', () => {
    const invoices = gather(
      row('1'),
      row('1', { Quantity: '0' }),
      row('2', { UnitPrice: '0' }),
      row('2', { StockCode: 'M' }),
    );
    expect(chooseInvoices(invoices)).toMatchObject({
      toSend: [{ invoiceNo: '1' }],
      rows: 4,
      refusedByReason: { 'quantity is zero': 1, 'price is zero': 1, 'not a product': 1 },
      refusedInvoicesByReason: { 'price is zero': 1 },
    });
  });

  test('stops after the orders asked for, with the returns between them', () => {
    const invoices = gather(row('1'), row('C2'), row('3'), row('C4'), row('5'));
    expect(chooseInvoices(invoices, 2).toSend.map(({ invoiceNo }) => invoiceNo)).toEqual(['1', 'C2', '3']);
  });

  test('an invoice without a good row does not count as an order', () => {
    const invoices = gather(row('1', { Quantity: '0' }), row('2'), row('3'));
    expect(chooseInvoices(invoices, 1).toSend).toMatchObject([{ invoiceNo: '2' }]);
  });
});
