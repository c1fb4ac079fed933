import { setTimeout as delay } from 'node:timers/promises';
import { checkEffects } from './check-effects.ts';
import type { Effects } from './check-effects.ts';
import type { DemoDatabases } from './demo-databases.ts';
import { findMissing, readEvents } from './find-lost-events.ts';
import { percentile } from './latency.ts';
import type { Accepted, Sent } from './send-invoices.ts';
import { countOrders } from './wait-settled.ts';

/** What the databases say about a run. */
export interface RunCheck {
  readonly confirmed: number;
  readonly rejected: number;
  readonly events: number;
  readonly lost: number;
  readonly appliedTwice: number;
  readonly stockConserved: boolean;
  readonly findings: readonly string[];
  readonly p50Ms: number | null;
  readonly p99Ms: number | null;
  /** Epoch ms; null when no order was settled. */
  readonly lastSettledAt: number | null;
}

/** Checks a run that has come to rest. @param since a moment before its first request, by the database's clock. */
export async function checkRun(databases: DemoDatabases, sent: Sent, since: Date): Promise<RunCheck> {
  const orderIds = sent.orders.map(({ id }) => id);
  const counts = await countOrders(databases, orderIds);
  const events = await readEvents(databases, since);
  const missing = await findMissing(databases, events);
  const lostEvents = new Set(missing.map(({ eventId }) => eventId)).size;
  const missingReturns = await countMissingReturns(databases, sent.returns);
  const settled = counts.confirmed + counts.rejected + counts.cancelled;
  const missingOrders = orderIds.length - settled - counts.placed;
  const effects = await checkEffectsAtRest(databases);
  const applied = await readAppliedAt(databases, orderIds);
  const latencies = sent.orders.flatMap(({ id, sentAt }) => {
    const at = applied.get(id);
    return at === undefined ? [] : [at - sentAt];
  });
  return {
    confirmed: counts.confirmed,
    rejected: counts.rejected,
    events: events.orders.length + events.inventory.length,
    lost: lostEvents + missingOrders + counts.placed + missingReturns + effects.notApplied,
    appliedTwice: effects.appliedTwice,
    stockConserved: effects.stockConserved,
    findings: [
      ...finding(missingOrders, 'accepted orders are not in the database'),
      ...finding(counts.placed, 'accepted orders were never decided'),
      ...finding(counts.cancelled, 'orders were cancelled by somebody else'),
      ...finding(missingReturns, 'accepted returns are not in the database'),
      ...describeMissing(missing),
      ...effects.findings,
    ],
    p50Ms: percentile(latencies, 0.5),
    p99Ms: percentile(latencies, 0.99),
    lastSettledAt: await readLastSettledAt(databases, orderIds),
  };
}

/** Somebody else may be ordering at the same moment: a difference counts when it is still there two seconds later. */
async function checkEffectsAtRest(databases: DemoDatabases): Promise<Effects> {
  for (let look = 1; ; look += 1) {
    const effects = await checkEffects(databases);
    if (effects.findings.length === 0 || look === 3) return effects;
    await delay(1000);
  }
}

function finding(count: number, what: string): string[] {
  return count === 0 ? [] : [`${count} ${what}`];
}

function describeMissing(
  missing: readonly { readonly consumer: string; readonly eventId: string }[],
): string[] {
  const byConsumer = Map.groupBy(missing, ({ consumer }) => consumer);
  return [...byConsumer].map(
    ([consumer, events]) =>
      `${events.length} events did not arrive at ${consumer}, such as ${events[0]?.eventId ?? ''}`,
  );
}

async function countMissingReturns(databases: DemoDatabases, returns: readonly Accepted[]): Promise<number> {
  const { rows } = await databases.orders.query<{ found: number }>({
    name: 'demo_count_returns',
    text: 'select count(*) as found from orders.returns where return_id = any($1::uuid[])',
    values: [returns.map(({ id }) => id)],
  });
  return returns.length - (rows[0]?.found ?? 0);
}

/**
 * When the stock of each order was reserved, epoch ms: the time in the commit record of the transaction that wrote the
 * reservation (track_commit_timestamp). `decided_at` would be earlier, as it is the start of the batch.
 */
async function readAppliedAt(
  databases: DemoDatabases,
  orderIds: readonly string[],
): Promise<Map<string, number>> {
  const { rows } = await databases.inventory.query<{ orderId: string; appliedAt: number | null }>({
    name: 'demo_applied_at',
    text: `
      select order_id as "orderId", extract(epoch from pg_xact_commit_timestamp(xmin))::float8 * 1000 as "appliedAt"
      from inventory.reservations where state = 'RESERVED' and order_id = any($1::uuid[])`,
    values: [orderIds],
  });
  return new Map(
    rows.flatMap(({ orderId, appliedAt }) => (appliedAt === null ? [] : [[orderId, appliedAt]])),
  );
}

async function readLastSettledAt(
  databases: DemoDatabases,
  orderIds: readonly string[],
): Promise<number | null> {
  const { rows } = await databases.orders.query<{ last: Date | null }>({
    name: 'demo_last_settled_at',
    text: 'select max(settled_at) as last from orders.orders where order_id = any($1::uuid[])',
    values: [orderIds],
  });
  return rows[0]?.last?.getTime() ?? null;
}
