import { z } from 'zod';
import type { OperatedService } from '../../operate/operated-pipeline.ts';
import type { SalesRow, StockSlice } from '../dashboard-state.ts';
import { CounterRate } from '../flow/counter-rate.ts';
import { readOutboxInserts } from '../sql/read-outbox-inserts.ts';
import { askService } from './ask-service.ts';
import { keepCollecting, type Collector } from './keep-collecting.ts';
import { readRequests } from './read-requests.ts';

const WITHIN_MS = 4_000;
const SALES_EVERY_MS = 4_000;
const SALES_DAYS = 60;
const MOST_SALES = 300;
const STOCK_EVERY_MS = 4_000;
const MOST_STOCK = 500;
const DAY_MS = 86_400_000;

const salesSchema = z.object({
  items: z.array(
    z.object({
      day: z.string(),
      country: z.string(),
      currency: z.string(),
      orders: z.number(),
      units: z.number(),
      netMinor: z.number(),
    }),
  ),
});
const stockSchema = z.object({ items: z.array(z.object({ sku: z.string(), available: z.number() })) });

type OnProblem = (problem: string | null) => void;

/** @param url of the sales service */
export function collectSales(
  url: string,
  on: { readonly rows: (rows: readonly SalesRow[]) => void; readonly problem: OnProblem },
): Collector {
  return keepCollecting({
    everyMs: SALES_EVERY_MS,
    withinMs: WITHIN_MS,
    collect: async () => {
      const from = new Date(Date.now() - SALES_DAYS * DAY_MS).toISOString().slice(0, 10);
      const { items } = salesSchema.parse(
        JSON.parse(await askService(url, `/sales?from=${from}`, WITHIN_MS)),
      );
      on.rows(bestSellers(items));
    },
    onProblem: on.problem,
  });
}

/** The newest days first, the best-selling countries first within a day. */
export function bestSellers(rows: readonly SalesRow[]): SalesRow[] {
  const byDay = (a: SalesRow, b: SalesRow): number => (a.day < b.day ? 1 : a.day > b.day ? -1 : 0);
  return [...rows].sort((a, b) => byDay(a, b) || b.netMinor - a.netMinor).slice(0, MOST_SALES);
}

/** @param url of the inventory service */
export function collectStock(
  url: string,
  on: { readonly items: (items: StockSlice['items']) => void; readonly problem: OnProblem },
): Collector {
  return keepCollecting({
    everyMs: STOCK_EVERY_MS,
    withinMs: WITHIN_MS,
    collect: async () => {
      const answer = await askService(url, `/stock?limit=${MOST_STOCK}`, WITHIN_MS);
      on.items(stockSchema.parse(JSON.parse(answer)).items.map(({ sku, available }) => ({ sku, available })));
    },
    onProblem: on.problem,
  });
}

export interface RequestFigures {
  readonly perSecond: number | null;
  /** On average over the last seconds. */
  readonly meanMs: number | null;
  readonly problem: string | null;
}

/**
 * How many orders, cancellations and returns are asked of the order service, by its metrics.
 * @param url of the order service
 */
export function collectRequests(url: string, onRequests: (figures: RequestFigures) => void): Collector {
  const counts = new CounterRate();
  const seconds = new CounterRate();
  let problem: string | null = null;
  return keepCollecting({
    everyMs: 1_500,
    withinMs: WITHIN_MS,
    collect: async () => {
      const { count, seconds: spent } = readRequests(await askService(url, '/metrics', WITHIN_MS));
      counts.add(Date.now(), count);
      seconds.add(Date.now(), spent);
    },
    onProblem: (now) => {
      problem = now;
      const perSecond = counts.perSecond(Date.now());
      const spent = seconds.perSecond(Date.now());
      const meanMs =
        perSecond === null || spent === null || perSecond === 0
          ? null
          : Math.round((100_000 * spent) / perSecond) / 100;
      onRequests({ perSecond, meanMs, problem });
    },
  });
}

export interface OutboxFigures {
  readonly rowsPerSecond: number | null;
  readonly logBytesPerSecond: number | null;
}

/** What is written in a service's database. That it does not answer others tell. */
export function collectOutbox(
  { pool }: OperatedService,
  onOutbox: (figures: OutboxFigures) => void,
): Collector {
  const rows = new CounterRate(8_000);
  const log = new CounterRate(8_000);
  return keepCollecting({
    everyMs: 1_500,
    withinMs: WITHIN_MS,
    collect: async () => {
      const found = await readOutboxInserts(pool);
      rows.add(Date.now(), found.rows);
      log.add(Date.now(), found.logBytes);
    },
    onProblem: () => {
      const now = Date.now();
      onOutbox({ rowsPerSecond: rows.perSecond(now), logBytesPerSecond: log.perSecond(now) });
    },
  });
}
