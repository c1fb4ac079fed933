import { randomUUID } from 'node:crypto';
import { checkRun } from './check-run.ts';
import type { DemoDatabases } from './demo-databases.ts';
import { countRecordsRead, databaseNow } from './find-lost-events.ts';
import type { ChosenInvoices } from './invoices.ts';
import { planStock } from './plan-stock.ts';
import type { Say } from './say.ts';
import { seedStock } from './seed-stock.ts';
import { sendInvoices } from './send-invoices.ts';
import type { Sent } from './send-invoices.ts';
import type { Summary } from './summary.ts';
import { waitUntilArrived, waitUntilSettled } from './wait-settled.ts';

export interface RunOptions {
  readonly chosen: ChosenInvoices;
  readonly ordersUrl: string;
  readonly inventoryUrl: string;
  readonly databases: DemoDatabases;
  readonly rate: number | undefined;
  readonly restarts: () => number;
  readonly say: Say;
}

/** Puts in the stock, sends everything, waits until it has come to rest, and checks it. */
export async function runOrders(options: RunOptions): Promise<Summary> {
  const { chosen, databases, say } = options;
  const since = await databaseNow(databases);
  const recordsBefore = await countRecordsRead(databases);
  const plan = planStock(chosen.toSend);
  await say.step(`stock of ${plan.size} products, every tenth short by 10 %`, () =>
    seedStock(options.inventoryUrl, plan),
  );
  // Also warms up every hop, so that the figures below are those of a running system.
  await say.step('its events recorded by every consumer', () => waitUntilArrived(databases, since));
  const startedAt = Date.now();
  const sent = await send(options);
  await settle(options, sent);
  await say.step('every event recorded by every consumer', () => waitUntilArrived(databases, since));
  const check = await say.step('checks on the databases', () => checkRun(databases, sent, since));
  const records = (await countRecordsRead(databases)) - recordsBefore;
  const seconds = ((check.lastSettledAt ?? Date.now()) - startedAt) / 1000;
  const refusedByService = sum(sent.refusedOrders);
  return {
    sent: sent.orders.length + refusedByService,
    accepted: sent.orders.length,
    refusedByService,
    refusedByServiceReasons: Object.fromEntries([...sent.refusedOrders, ...sent.refusedReturns]),
    confirmed: check.confirmed,
    rejected: check.rejected,
    returned: sent.returns.length,
    returnsRefusedByService: sum(sent.refusedReturns),
    rows: chosen.rows,
    refused: total(chosen.refusedByReason),
    refusedByReason: chosen.refusedByReason,
    refusedInvoices: total(chosen.refusedInvoicesByReason),
    refusedInvoicesByReason: chosen.refusedInvoicesByReason,
    retries: sent.retries,
    events: check.events,
    redelivered: Math.max(0, records - check.events),
    lost: check.lost,
    appliedTwice: check.appliedTwice,
    stockConserved: check.stockConserved,
    findings: check.findings,
    p50Ms: round(check.p50Ms),
    p99Ms: round(check.p99Ms),
    ordersPerSecond: round(sent.orders.length / seconds) ?? 0,
    seconds: round(seconds) ?? 0,
    restarts: options.restarts(),
  };
}

async function send({ chosen, ordersUrl, rate, say }: RunOptions): Promise<Sent> {
  const progress = say.progress(chosen.toSend.length, 'sent');
  try {
    return await sendInvoices(chosen.toSend, {
      ordersUrl,
      rate,
      runId: `demo-${randomUUID()}`,
      onAnswer: ({ orders, returns, refusedOrders, refusedReturns, retries }) => {
        const refused = sum(refusedOrders) + sum(refusedReturns);
        const detail = [
          `${orders.length} orders, ${returns.length} returns`,
          ...(refused === 0 ? [] : [`${refused} refused`]),
          ...(retries === 0 ? [] : [`${retries} requests sent again`]),
        ];
        progress.update(orders.length + returns.length + refused, detail.join(', '));
      },
    });
  } finally {
    progress.end();
  }
}

async function settle({ databases, say }: RunOptions, sent: Sent): Promise<void> {
  const progress = say.progress(sent.orders.length, 'settled');
  try {
    await waitUntilSettled(
      databases,
      sent.orders.map(({ id }) => id),
      (settled) => progress.update(settled, 'confirmed or rejected'),
    );
  } finally {
    progress.end();
  }
}

function sum(counts: ReadonlyMap<string, number>): number {
  return [...counts.values()].reduce((all, count) => all + count, 0);
}

function total(counts: Readonly<Record<string, number>>): number {
  return Object.values(counts).reduce((all, count) => all + count, 0);
}

/** Tenths; more digits would pretend to a precision that a laptop does not have. */
function round(value: number | null): number | null {
  return value === null ? null : Math.round(value * 10) / 10;
}
