import { readFile } from 'node:fs/promises';
import { v7 } from 'uuid';
import { ordersEvents } from '../../../src/contracts/orders-events.ts';
import { createEncoder } from '../../../src/events/encoder.ts';
import { placeOrders } from '../../../src/orders/place-orders.ts';
import type { PlaceOrder } from '../../../src/orders/place-orders.ts';
import { loadEventSchemas } from '../../../src/outbox/load-event-schemas.ts';
import { silentLog } from '../../../src/platform/log.ts';
import { createPool } from '../../../src/platform/postgres/pool.ts';
import { waitUntil } from '../../../src/platform/wait-until.ts';
import { testStack } from '../../support/test-stack.ts';
import type { Fault } from '../fault.ts';
import { connectorOf, report } from '../storm.ts';
import type { Storm } from '../storm.ts';

const QUERY_TIMEOUT_MS = 300_000;
/**
 * Its heap of 512 MB (scripts/stack/settings.ts) and 300 MB for what a JVM has besides; 269 MB in all were seen after four strikes of the
 * smaller one.
 */
const CONNECT_MOST_MB = 812;

/** Rows that no connector reads, and orders with an event each: all of them reach the slot at one moment. */
const large = (name: string, rows: { strangers: number; orders: number }, weight: number): Fault => ({
  name,
  what: `one transaction of ${rows.strangers} rows that nobody reads and one of ${rows.orders} orders, while others are placed; the slot must pass both`,
  holdMs: [0, 0],
  weight,
  async strike(storm, { number }) {
    const began = performance.now();
    await writeStrangers(storm, rows.strangers);
    const strangers = performance.now();
    await placeAtOnce(storm, rows.orders, `large ${storm.pipeline.topicPrefix}${number}`);
    const placed = performance.now();
    await slotPasses(storm);
    const passed = performance.now();
    const memory = await memoryOf(testStack().resource('connect').pid());
    if (memory > CONNECT_MOST_MB) report(storm, 'fault-mended', `Connect holds ${memory} MB`);
    const seconds = (from: number, to: number): string => ((to - from) / 1_000).toFixed(1);
    return `rows ${seconds(began, strangers)} s, orders ${seconds(strangers, placed)} s, passed after ${seconds(placed, passed)} s; Connect holds ${memory} MB`;
  },
});

async function writeStrangers({ pipeline }: Storm, rows: number): Promise<void> {
  const owner = poolOf(pipeline.databases.orders.ownerUrl);
  try {
    await owner.query({ text: 'create table if not exists public.strangers (id bigint, word text)' });
    await owner.query({
      text: `insert into public.strangers select n, md5(n::text) from generate_series(1, $1::bigint) as n`,
      values: [rows],
    });
    await owner.query({ text: 'drop table public.strangers' });
  } finally {
    await owner.end();
  }
}

/**
 * By the order service's own code, in one transaction; customers of their own, so that nobody waits for it. As the owner: the service's
 * role may not keep a transaction open for longer than 30 s.
 */
async function placeAtOnce({ pipeline, load }: Storm, count: number, name: string): Promise<void> {
  const pool = poolOf(pipeline.databases.orders.ownerUrl);
  try {
    const schemas = await loadEventSchemas(pool, Object.values(ordersEvents.events));
    const context = { pool, encoder: createEncoder(schemas), clock: () => new Date(), newId: () => v7() };
    const requests = Array.from({ length: count }, (_, n): PlaceOrder => {
      const lines = [{ sku: 'sku-1', quantity: 1, unitPriceMinor: 100 }];
      const customerId = `${name} customer ${n % 1_000}`;
      const reference = `${name} order ${n}`;
      return { order: { customerId, country: 'France', currency: 'GBP', lines, reference }, traceparent: '' };
    });
    const outcomes = await placeOrders(context, requests);
    for (const outcome of outcomes) {
      if (outcome.kind !== 'placed') throw new Error(`An order was ${outcome.kind}.`);
      const { orderId, reference } = JSON.parse(outcome.text) as { orderId: string; reference: string };
      load.acknowledged.push({ reference, orderId, cancelled: false });
    }
  } finally {
    await pool.end();
  }
}

const poolOf = (connectionString: string) =>
  createPool({
    connectionString,
    applicationName: 'chaos',
    log: silentLog,
    max: 1,
    queryTimeoutMs: QUERY_TIMEOUT_MS,
  });

/** What the slot has confirmed is in Kafka. */
async function slotPasses(storm: Storm): Promise<void> {
  const { slot } = connectorOf(storm, 'orders');
  const { rows } = await storm.admin.query<{ lsn: string }>({
    text: 'select pg_current_wal_lsn()::text as lsn',
  });
  await waitUntil(
    async () => {
      const text =
        'select from pg_replication_slots where slot_name = $1 and confirmed_flush_lsn >= $2::pg_lsn';
      return (await storm.admin.query({ text, values: [slot, rows[0]?.lsn] })).rowCount === 1;
    },
    { timeoutMs: 240_000, everyMs: 200, what: `slot ${slot} to pass the transactions` },
  );
}

async function memoryOf(pid: number | undefined): Promise<number> {
  const status = await readFile(`/proc/${pid ?? 0}/status`, 'utf8').catch(() => '');
  return Math.round(Number(/VmRSS:\s+(\d+) kB/.exec(status)?.[1] ?? 0) / 1_024);
}

export const transactionFaults: readonly Fault[] = [
  large('large-transaction', { strangers: 100_000, orders: 5_000 }, 0),
  large('million-row-transaction', { strangers: 1_000_000, orders: 50_000 }, 0),
];
