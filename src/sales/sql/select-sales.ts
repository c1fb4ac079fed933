import type { Queryable } from '../../platform/postgres/statement.ts';
import type { DaySales } from '../day-sales.ts';

/** Days in [from, to] as YYYY-MM-DD, of one country or of all (null), by day, country, currency. */
export async function selectSales(
  db: Queryable,
  wanted: {
    readonly country: string | null;
    readonly from: string;
    readonly to: string;
    readonly limit: number;
  },
): Promise<DaySales[]> {
  const { rows } = await db.query<DaySales>({
    name: 'select_sales',
    text: `
      select country, to_char(day, 'YYYY-MM-DD') as day, currency, orders, units, revenue_minor as "revenueMinor",
             returns, returned_units as "returnedUnits", returned_minor as "returnedMinor"
      from sales.sales_by_day
      where day between $2::date and $3::date and ($1::text is null or country = $1)
      order by sales_by_day.day, country, currency
      limit $4`,
    values: [wanted.country, wanted.from, wanted.to, wanted.limit],
  });
  return rows;
}
