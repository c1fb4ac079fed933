import type { Transaction } from '../../platform/postgres/transaction.ts';
import type { DaySales } from '../day-sales.ts';

/** Adds to the rows of these days, in sorted order so that two transactions never wait in a circle. Each day at most once. */
export async function addSales(tx: Transaction, days: readonly DaySales[]): Promise<void> {
  if (days.length === 0) return;
  await tx.query({
    name: 'add_sales',
    text: `
      insert into sales_by_day as sum
        (country, day, currency, orders, units, revenue_minor, returns, returned_units, returned_minor)
      select * from unnest($1::text[], $2::date[], $3::text[], $4::bigint[], $5::bigint[], $6::bigint[], $7::bigint[], $8::bigint[], $9::bigint[])
        as added (country, day, currency, orders, units, revenue_minor, returns, returned_units, returned_minor)
      order by country collate "C", day, currency collate "C"
      on conflict (country, day, currency) do update set
        orders = sum.orders + excluded.orders,
        units = sum.units + excluded.units,
        revenue_minor = sum.revenue_minor + excluded.revenue_minor,
        returns = sum.returns + excluded.returns,
        returned_units = sum.returned_units + excluded.returned_units,
        returned_minor = sum.returned_minor + excluded.returned_minor`,
    values: columnsOf(days),
  });
}

function columnsOf(days: readonly DaySales[]): unknown[] {
  return [
    days.map((day) => day.country),
    days.map((day) => day.day),
    days.map((day) => day.currency),
    days.map((day) => day.orders),
    days.map((day) => day.units),
    days.map((day) => day.revenueMinor),
    days.map((day) => day.returns),
    days.map((day) => day.returnedUnits),
    days.map((day) => day.returnedMinor),
  ];
}
