import { judgeRow } from '../../../scripts/demo/judge-row.ts';
import type { RawRow } from '../../../scripts/demo/judge-row.ts';

const row: RawRow = {
  InvoiceNo: '536365',
  StockCode: '85123A',
  Quantity: '6',
  InvoiceDate: '2010-12-01T08:26:00Z',
  UnitPrice: '2.55',
  CustomerID: '17850',
  Country: 'United Kingdom',
};
const reasonOf = (changes: RawRow): string => {
  const verdict = judgeRow({ ...row, ...changes });
  return verdict.good ? 'good' : verdict.reason;
};

describe('judgeRow', () => {
  test('takes a row as an order line in whole pence', () => {
    expect(judgeRow(row)).toEqual({
      good: true,
      at: new Date('2010-12-01T08:26:00Z'),
      line: { sku: '85123A', quantity: 6, unitPriceMinor: 255 },
    });
  });

  test.each([
    ['0.29', 29],
    ['4.35', 435],
    ['1.1', 110],
    ['50.0', 5000],
    ['7', 700],
    ['7.', 700],
    ['0.01', 1],
    ['2.5500', 255],
    ['11586.5', 1158650],
  ])('reads the price %s as exactly %d pence', (UnitPrice, pence) => {
    expect(judgeRow({ ...row, UnitPrice })).toMatchObject({ line: { unitPriceMinor: pence } });
  });

  test('takes what came back as positive pieces', () => {
    expect(judgeRow({ ...row, InvoiceNo: 'C536391', Quantity: '-24' })).toMatchObject({
      line: { quantity: 24 },
    });
  });

  test.each([
    'POST',
    'D',
    'M',
    'm',
    'C2',
    'DOT',
    'S',
    'BANK CHARGES',
    'AMAZONFEE',
    'gift_0001_40',
    'PADS',
    '123',
  ])('refuses %s, which lies on no shelf', (StockCode) =>
    expect(reasonOf({ StockCode })).toBe('not a product'),
  );

  test.each(['15056bl', '85123a', '22423', 'DCGS0076', 'DCGSSBOY'])('takes %s as a product', (StockCode) =>
    expect(reasonOf({ StockCode })).toBe('good'),
  );

  test.each<[RawRow, string]>([
    [{ Quantity: '0' }, 'quantity is zero'],
    [{ Quantity: '-6' }, 'negative quantity outside a return'],
    [{ InvoiceNo: 'C1', Quantity: '6' }, 'positive quantity in a return'],
    [{ Quantity: '1.5' }, 'quantity not readable'],
    [{ Quantity: 'six' }, 'quantity not readable'],
    [{ Quantity: '99999999999999999' }, 'quantity not readable'],
    [{ UnitPrice: '0.0' }, 'price is zero'],
    [{ UnitPrice: '-11062.06' }, 'price is negative'],
    [{ UnitPrice: '0.001' }, 'price is finer than a penny'],
    [{ UnitPrice: '1e3' }, 'price not readable'],
    [{ UnitPrice: '2,55' }, 'price not readable'],
    [{ InvoiceDate: 'yesterday' }, 'date not readable'],
    [{ InvoiceDate: '2011-02-31T08:26:00Z' }, 'date not readable'],
    [{ InvoiceDate: '2011-02-03T24:26:00Z' }, 'date not readable'],
    [{ InvoiceDate: '2011-02-03T08:61:00Z' }, 'date not readable'],
    [{ UnitPrice: undefined }, 'columns missing'],
    [{ Country: '' }, 'columns missing'],
    [{ InvoiceNo: undefined }, 'columns missing'],
  ])('refuses %j: %s', (changes, reason) => expect(reasonOf(changes)).toBe(reason));

  test('a missing customer is a guest, not an error', () => {
    expect(reasonOf({ CustomerID: '' })).toBe('good');
  });

  test.each([
    ['12/1/2010 8:26', '2010-12-01T08:26:00.000Z'],
    ['2010-12-01 08:26', '2010-12-01T08:26:00.000Z'],
    ['2010-12-01T08:26:09.250Z', '2010-12-01T08:26:09.000Z'],
  ])('reads %s as UTC', (InvoiceDate, at) => {
    expect(judgeRow({ ...row, InvoiceDate })).toMatchObject({ at: new Date(at) });
  });
});
