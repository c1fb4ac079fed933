import { checkStock } from '../../src/inventory/check-stock.ts';
import type { Queryable } from '../../src/platform/postgres/statement.ts';
import type { DemoDatabases } from './demo-databases.ts';

/**
 * What events did, compared with what they should have done: from the rows of the other side, never from the tables with
 * which a consumer recognises duplicates. Everything in the databases is compared, so the checks also hold on a database
 * with earlier runs, but only while no order is under way.
 */
export interface Effects {
  /** Effects that are there more often than the orders and returns say. */
  readonly appliedTwice: number;
  /** Effects that are missing. */
  readonly notApplied: number;
  readonly stockConserved: boolean;
  readonly findings: readonly string[];
}

export async function checkEffects(databases: DemoDatabases): Promise<Effects> {
  const [stock, sales, mismatches] = await Promise.all([
    compareStock(databases),
    compareSales(databases),
    checkStock(databases.inventory),
  ]);
  const differences = [...stock.differences, ...sales];
  const findings = [
    ...differences.map(({ what, expected, actual }) => `${what}: ${actual} instead of ${expected}`),
    ...stock.negative.map((sku) => `the stock of ${sku} is negative, or less than what is reserved of it`),
    ...mismatches.map(({ sku }) => `the stock of ${sku} is not what the inventory's own records add up to`),
  ];
  return {
    appliedTwice: differences.filter(({ actual, expected }) => actual > expected).length,
    notApplied: differences.filter(({ actual, expected }) => actual < expected).length,
    stockConserved: stock.differences.length + stock.negative.length + mismatches.length === 0,
    findings: findings.slice(0, 20),
  };
}

interface Difference {
  readonly what: string;
  readonly expected: number;
  readonly actual: number;
}

/** By sku: pieces on hand = put in by hand + returned; pieces reserved = lines of confirmed orders. */
export async function compareStock({
  orders,
  inventory,
}: DemoDatabases): Promise<{ differences: Difference[]; negative: string[] }> {
  const [ordered, returned, adjusted, stock] = await Promise.all([
    totals(orders, 'demo_ordered', `${LINES_OF('orders.orders')} where status = 'CONFIRMED' group by 1`),
    totals(orders, 'demo_returned', `${LINES_OF('orders.returns')} group by 1`),
    totals(
      inventory,
      'demo_adjusted',
      'select sku as what, sum(delta)::bigint as total from inventory_facts.stock_adjustments group by 1',
    ),
    readStock(inventory),
  ]);
  const skus = new Set([...ordered.keys(), ...returned.keys(), ...adjusted.keys(), ...stock.keys()]);
  const differences = [...skus].flatMap((sku) => {
    const { onHand, reserved } = stock.get(sku) ?? { onHand: 0, reserved: 0 };
    return [
      ...differ(`pieces of ${sku} on hand`, (adjusted.get(sku) ?? 0) + (returned.get(sku) ?? 0), onHand),
      ...differ(`pieces of ${sku} reserved`, ordered.get(sku) ?? 0, reserved),
    ];
  });
  const negative = [...stock].filter(([, { onHand, reserved }]) => reserved < 0 || reserved > onHand);
  return { differences, negative: negative.map(([sku]) => sku) };
}

const LINES_OF = (table: string): string =>
  `select line->>'sku' as what, sum((line->>'quantity')::bigint)::bigint as total
   from ${table} cross join jsonb_array_elements(lines) as line`;

/** By country, day and currency: orders and returns that sales counted = those that there are. */
export async function compareSales({ orders, sales }: DemoDatabases): Promise<Difference[]> {
  const day = (column: string): string =>
    `concat_ws(' ', country, to_char(${column} at time zone 'UTC', 'YYYY-MM-DD'), currency) as what`;
  const [confirmed, returned, countedOrders, countedReturns] = await Promise.all([
    totals(
      orders,
      'demo_confirmed_by_day',
      `select ${day('placed_at')}, count(*) as total from orders.orders where status = 'CONFIRMED' group by 1`,
    ),
    totals(
      orders,
      'demo_returned_by_day',
      `select ${day('returned_at')}, count(*) as total from orders.returns group by 1`,
    ),
    totals(sales, 'demo_counted_orders', COUNTED('orders')),
    totals(sales, 'demo_counted_returns', COUNTED('returns')),
  ]);
  return [
    ...compare('orders counted by sales for', confirmed, countedOrders),
    ...compare('returns counted by sales for', returned, countedReturns),
  ];
}

const COUNTED = (column: string): string =>
  `select concat_ws(' ', country, to_char(day, 'YYYY-MM-DD'), currency) as what, ${column} as total from sales.sales_by_day`;

function compare(what: string, expected: Totals, actual: Totals): Difference[] {
  return [...new Set([...expected.keys(), ...actual.keys()])].flatMap((key) =>
    differ(`${what} ${key}`, expected.get(key) ?? 0, actual.get(key) ?? 0),
  );
}

function differ(what: string, expected: number, actual: number): Difference[] {
  return expected === actual ? [] : [{ what, expected, actual }];
}

type Totals = ReadonlyMap<string, number>;

async function totals(database: Queryable, name: string, text: string): Promise<Totals> {
  const { rows } = await database.query<{ what: string; total: number }>({ name, text });
  return new Map(rows.map(({ what, total }) => [what, total]));
}

async function readStock(inventory: Queryable): Promise<Map<string, { onHand: number; reserved: number }>> {
  const { rows } = await inventory.query<{ sku: string; onHand: number; reserved: number }>({
    name: 'demo_stock',
    text: 'select sku, on_hand as "onHand", reserved from inventory.stock',
  });
  return new Map(rows.map(({ sku, onHand, reserved }) => [sku, { onHand, reserved }]));
}
