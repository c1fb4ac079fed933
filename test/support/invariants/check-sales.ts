import { compareSales } from '../../../scripts/demo/check-effects.ts';
import type { Queryable } from '../../../src/platform/postgres/statement.ts';
import { rowsOf, violations } from './invariants.ts';
import type { Checked, Violation } from './invariants.ts';

/** Sales and the confirmed orders. */
export async function checkSales({ databases }: Checked): Promise<Violation[]> {
  const differences = await compareSales(databases);
  const amounts = (database: Queryable, text: string) => rowsOf<{ amounts: string }>(database, text);
  const [expected, actual] = await Promise.all([
    amounts(
      databases.orders,
      `select concat_ws(' ', country, to_char(placed_at at time zone 'UTC', 'YYYY-MM-DD'), currency,
                        sum(units), 'units', sum(total_minor)) as amounts
       from orders.orders cross join lateral (
         select sum((line->>'quantity')::bigint) as units from jsonb_array_elements(lines) as line
       ) as order_units
       where status = 'CONFIRMED'
       group by country, to_char(placed_at at time zone 'UTC', 'YYYY-MM-DD'), currency order by 1`,
    ),
    amounts(
      databases.sales,
      `select concat_ws(' ', country, to_char(day, 'YYYY-MM-DD'), currency, units, 'units', revenue_minor) as amounts
       from sales.sales_by_day where units <> 0 or revenue_minor <> 0 order by 1`,
    ),
  ]);
  const text = (rows: readonly { amounts: string }[]): string =>
    rows.map(({ amounts: each }) => each).join('; ');
  return [
    ...violations(
      'sales-counted',
      differences.map(({ what, expected: should, actual: is }) => `${what}: ${is} instead of ${should}`),
    ),
    ...violations(
      'sales-added-up',
      text(expected) === text(actual) ? [] : [`${text(actual) || 'nothing'} instead of ${text(expected)}`],
    ),
  ];
}
