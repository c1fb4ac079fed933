import type { SalesRow } from '../../../../src/dashboard/dashboard-state.ts';
import { salesTables } from '../../../../src/dashboard/page/sales-table.ts';

const row = (day: string, country: string, netMinor: number, currency = 'GBP'): SalesRow => ({
  day,
  country,
  currency,
  orders: 1,
  units: 1,
  netMinor,
});

test('the newest days stand across, the countries that sold most in them down', () => {
  const [table] = salesTables(
    [
      row('2010-12-01', 'Norway', 900),
      row('2010-12-02', 'France', 20),
      row('2010-12-03', 'France', 30),
      row('2010-12-03', 'Spain', 40),
      row('2010-12-03', 'EIRE', 1),
    ],
    2,
    2,
  );
  expect(table?.days).toEqual(['2010-12-02', '2010-12-03']);
  expect(table?.countries.map(({ country, netMinor }) => [country, netMinor])).toEqual([
    ['France', 50],
    ['Spain', 40],
  ]);
  expect(table?.countries[1]?.cells.map((cell) => cell?.netMinor ?? null)).toEqual([null, 40]);
});

test('amounts of different currencies are never added up', () => {
  const tables = salesTables(
    [row('2010-12-01', 'France', 5, 'GBP'), row('2010-12-01', 'France', 7, 'EUR')],
    5,
    5,
  );
  expect(tables.map(({ currency, countries }) => [currency, countries[0]?.netMinor])).toEqual([
    ['EUR', 7],
    ['GBP', 5],
  ]);
});
