import { compareSales, compareStock } from '../../scripts/demo/check-effects.ts';
import { findMissing, readEvents } from '../../scripts/demo/find-lost-events.ts';
import { checkStock } from '../../src/inventory/check-stock.ts';
import type { Queryable } from '../../src/platform/postgres/statement.ts';
import { checkAudit } from './check-audit.ts';
import { checkHeld, queuedOf } from './check-held-keys.ts';
import { rowsOf, violations } from './invariants.ts';
import type { Checked, PlantedKey, Violation } from './invariants.ts';
import type { AcknowledgedOrder } from './shop-load.ts';
import type { TestPipeline } from './test-pipeline.ts';

/**
 * Compares the databases with what the client was told and with each other. Nothing may be under way. A row of an outbox
 * that was republished (audit --repair) says its event once more, not another one.
 * @param acknowledged all orders that were ever accepted in these databases
 * @param planted the keys that must be held now; their orders may break other invariants
 */
export async function checkInvariants(
  databases: TestPipeline['databases'],
  acknowledged: readonly AcknowledgedOrder[],
  planted: readonly PlantedKey[] = [],
): Promise<Violation[]> {
  const { orders, inventory, sales } = databases;
  const checked: Checked = {
    databases: {
      orders: orders.pool,
      inventory: inventory.pool,
      sales: sales.pool,
      close: () => Promise.resolve(),
    },
    acknowledged,
    planted,
  };
  const found = await Promise.all([
    checkOrders(checked),
    checkSaid(checked),
    checkAnswers(checked),
    checkProcessed(checked),
    checkAudit({ orders: orders.pool, inventory: inventory.pool, sales: sales.pool }),
    checkHeld(checked),
    checkSequences(checked),
    checkStockLevels(checked),
    checkSales(checked),
  ]);
  return found.flat();
}

interface OrderRow {
  readonly orderId: string;
  readonly reference: string | null;
  readonly status: string;
}

const ordersOf = ({ databases }: Checked): Promise<OrderRow[]> =>
  rowsOf<OrderRow>(databases.orders, 'select order_id as "orderId", reference, status from orders.orders');

async function checkOrders(checked: Checked): Promise<Violation[]> {
  const rows = await ordersOf(checked);
  const byReference = Map.groupBy(rows, ({ reference }) => reference);
  const known = new Set(checked.acknowledged.map(({ reference }) => reference));
  const statuses = new Map(rows.map(({ orderId, status }) => [orderId, status]));
  return [
    ...violations('acknowledged-once', [
      ...checked.acknowledged.flatMap(({ reference, orderId }) => {
        const ids = (byReference.get(reference) ?? []).map((row) => row.orderId);
        return ids.length === 1 && ids[0] === orderId
          ? []
          : [`${reference} was acknowledged as ${orderId} and is there as: ${ids.join(', ') || 'nothing'}`];
      }),
      ...rows
        .filter(({ reference }) => !known.has(reference ?? ''))
        .map(
          ({ orderId, reference }) => `nobody was told of order ${orderId} (${reference ?? 'no reference'})`,
        ),
    ]),
    ...violations(
      'cancelled-stays-cancelled',
      checked.acknowledged
        .filter(({ orderId, cancelled }) => cancelled && statuses.get(orderId) !== 'CANCELLED')
        .map(({ orderId }) => `${orderId} is ${statuses.get(orderId) ?? 'missing'}`),
    ),
    ...violations(
      'settled',
      rows.filter(({ status }) => status === 'PLACED').map(({ orderId }) => `${orderId} is PLACED`),
    ),
  ];
}

interface SaidRow {
  readonly id: string;
  readonly type: string;
  readonly times: number;
}

/** How often each event type was said of each order: events of the outbox, however often a row was republished. */
async function saidBy(database: Queryable): Promise<Map<string, (type: string) => number>> {
  const rows = await rowsOf<SaidRow>(
    database,
    `select aggregate_id as id, event_type as type, count(distinct event_id) as times from pipeline.outbox
     where topic in ('orders.events', 'inventory.events')
       and event_type not in ('StockAdjusted', 'StockRestocked', 'ItemsReturned') group by 1, 2`,
  );
  return new Map(
    [...Map.groupBy(rows, ({ id }) => id)].map(([id, said]) => [
      id,
      (type) => said.find((row) => row.type === type)?.times ?? 0,
    ]),
  );
}

const never = (): number => 0;

/** What must have been said of an order in this state: [at least, at most] times. */
const OUTCOMES: Readonly<Record<string, Readonly<Record<string, readonly [number, number]>>>> = {
  PLACED: { OrderConfirmed: [0, 0], OrderRejected: [0, 0], OrderCancelled: [0, 0] },
  CONFIRMED: { OrderConfirmed: [1, 1], OrderRejected: [0, 0], OrderCancelled: [0, 0] },
  REJECTED: { OrderConfirmed: [0, 0], OrderRejected: [1, 1], OrderCancelled: [0, 0] },
  // It may have been confirmed before.
  CANCELLED: { OrderConfirmed: [0, 1], OrderRejected: [0, 0], OrderCancelled: [1, 1] },
};

async function checkSaid(checked: Checked): Promise<Violation[]> {
  const [rows, said] = await Promise.all([ordersOf(checked), saidBy(checked.databases.orders)]);
  const ids = new Set(rows.map(({ orderId }) => orderId));
  return [
    ...violations('placed-said-once', [
      ...rows
        .map(({ orderId }) => ({ orderId, times: (said.get(orderId) ?? never)('OrderPlaced') }))
        .filter(({ times }) => times !== 1)
        .map(({ orderId, times }) => `${orderId} was said to be placed ${times} times`),
      ...[...said.keys()].filter((id) => !ids.has(id)).map((id) => `${id} is in the outbox and no order`),
    ]),
    ...violations(
      'outcome-said-once',
      rows.flatMap(({ orderId, status }) =>
        Object.entries(OUTCOMES[status] ?? {}).flatMap(([type, [least, most]]) => {
          const times = (said.get(orderId) ?? never)(type);
          return times >= least && times <= most
            ? []
            : [`${orderId} is ${status}, ${type} was said ${times} times`];
        }),
      ),
    ),
  ];
}

async function checkAnswers(checked: Checked): Promise<Violation[]> {
  const [rows, said] = await Promise.all([ordersOf(checked), saidBy(checked.databases.inventory)]);
  const details = rows.flatMap(({ orderId, status }) => {
    const times = said.get(orderId) ?? never;
    const [reserved, rejected, released] = [
      times('StockReserved'),
      times('StockRejected'),
      times('StockReleased'),
    ];
    const isRight =
      status === 'CANCELLED'
        ? reserved + rejected <= 1 && released === reserved
        : reserved === Number(status === 'CONFIRMED') &&
          rejected === Number(status === 'REJECTED') &&
          released === 0;
    return isRight
      ? []
      : [`${orderId} is ${status}: reserved ${reserved}, rejected ${rejected}, released ${released} times`];
  });
  const ids = new Set(rows.map(({ orderId }) => orderId));
  const strangers = [...said.keys()].filter((id) => !ids.has(id));
  return violations('answered-once', [
    ...details,
    ...strangers.map((id) => `${id} was answered and is no order`),
  ]);
}

async function checkProcessed({ databases }: Checked): Promise<Violation[]> {
  const events = await readEvents(databases, new Date(0));
  const queued = await queuedOf(databases);
  const missing = (await findMissing(databases, events)).filter(
    ({ consumer, eventId }) => !queued.has(`${consumer} ${eventId}`),
  );
  const processed = (database: Queryable) =>
    rowsOf<{ id: string; consumer: string }>(
      database,
      'select event_id as id, consumer from pipeline.processed_events',
    );
  const said = new Set([...events.orders, ...events.inventory]);
  const { orders, inventory, sales } = databases;
  const rows = (await Promise.all([processed(orders), processed(inventory), processed(sales)])).flat();
  return [
    ...violations(
      'event-processed',
      missing.map(({ consumer, eventId }) => `${eventId} did not arrive at ${consumer}`),
    ),
    ...violations(
      'processed-was-said',
      rows.filter(({ id }) => !said.has(id)).map(({ id, consumer }) => `${consumer} has processed ${id}`),
    ),
  ];
}

interface Sequence {
  readonly key: string;
  readonly count: number;
  readonly distinct: number;
  readonly max: number;
  readonly counter: number | null;
}

/** By key: the events and sequences that were written, and the counter they came from. A republished row has both of its event. */
const SAID_SEQUENCES = `
  select topic || ' ' || key as key, coalesce(said.count, 0) as count, coalesce(said.distinct, 0) as distinct,
         coalesce(said.max, 0) as max, last_seq as counter
  from (
    select topic, partition_key as key, count(distinct event_id), count(distinct key_seq) as distinct, max(key_seq) as max
    from pipeline.outbox group by 1, 2
  ) as said full join pipeline.outbox_keys using (topic, key)`;

/** By key: where a consumer began, how many events it has processed, and the sequence it has come to. */
const READ_SEQUENCES = `
  select consumer, topic || ' ' || key as key, coalesce(base_seq, 0) as base, coalesce(last_seq, 0) as last,
         coalesce(processed.count, 0) as count
  from pipeline.consumer_keys full join (
    select consumer, topic, key, count(*) from pipeline.processed_events group by 1, 2, 3
  ) as processed using (consumer, topic, key)`;

interface ReadSequence {
  readonly consumer: string;
  readonly key: string;
  readonly base: number;
  readonly last: number;
  readonly count: number;
}

async function checkSequences({ databases }: Checked): Promise<Violation[]> {
  const { orders, inventory, sales } = databases;
  const said = (
    await Promise.all([orders, inventory].map((database) => rowsOf<Sequence>(database, SAID_SEQUENCES)))
  ).flat();
  const read = (
    await Promise.all([orders, inventory, sales].map((one) => rowsOf<ReadSequence>(one, READ_SEQUENCES)))
  ).flat();
  return [
    ...violations(
      'said-without-gap',
      said
        .filter(
          ({ count, distinct, max, counter }) => !(count === distinct && count === max && max === counter),
        )
        .map((row) => JSON.stringify(row)),
    ),
    ...violations(
      'read-without-gap',
      read
        .filter(({ base, last, count }) => !(base === 1 && last === count))
        .map((row) => JSON.stringify(row)),
    ),
  ];
}

async function checkStockLevels({ databases }: Checked): Promise<Violation[]> {
  const [{ differences, negative }, mismatches] = await Promise.all([
    compareStock(databases),
    checkStock(databases.inventory),
  ]);
  return [
    ...violations('stock-never-negative', negative),
    ...violations(
      'stock-conserved',
      differences.map(({ what, expected, actual }) => `${what}: ${actual} instead of ${expected}`),
    ),
    ...violations(
      'stock-has-records',
      mismatches.map((mismatch) => JSON.stringify(mismatch)),
    ),
  ];
}

async function checkSales({ databases }: Checked): Promise<Violation[]> {
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
