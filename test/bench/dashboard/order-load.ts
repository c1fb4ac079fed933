import { setInterval as ticks } from 'node:timers/promises';

export interface OrderLoad {
  /** Orders that were answered. */
  readonly placed: number;
  /** @throws what made it end early */
  stop(): Promise<void>;
}

const EVERY_MS = 100;
const CUSTOMERS = 5_000;

export const loadSkus: readonly string[] = Array.from({ length: 50 }, (_, n) => `sku-${n}`);

/** Places orders in bulk, evenly over time, until it is stopped. A service that is late gets what it is owed at the next tick. */
export function startOrderLoad(ordersUrl: string, ordersPerSecond: number): OrderLoad {
  const stopped = new AbortController();
  const began = performance.now();
  let sent = 0;
  let placed = 0;
  const run = async (): Promise<void> => {
    for await (const _ of ticks(EVERY_MS)) {
      if (stopped.signal.aborted) return;
      const due = Math.floor(((performance.now() - began) * ordersPerSecond) / 1_000) - sent;
      if (due < 1) continue;
      await placeOrders(ordersUrl, sent, due);
      sent += due;
      placed += due;
    }
  };
  const running = run();
  // Seen by `stop`; until then a failure is nobody's.
  running.catch(() => undefined);
  return {
    get placed() {
      return placed;
    },
    stop: async () => {
      stopped.abort();
      await running;
    },
  };
}

async function placeOrders(ordersUrl: string, first: number, count: number): Promise<void> {
  const lines = Array.from({ length: count }, (_, n) => `${JSON.stringify(orderOf(first + n))}\n`);
  const response = await fetch(`${ordersUrl}/orders/bulk`, {
    method: 'POST',
    headers: { 'content-type': 'application/x-ndjson' },
    body: lines.join(''),
  });
  const answers = (await response.text()).trimEnd().split('\n');
  const refused = answers.find((answer) => !answer.includes('"PLACED"'));
  if (!response.ok || answers.length !== count || refused !== undefined)
    throw new Error(
      `The order service refused an order (status ${response.status}): ${refused ?? 'no answer'}`,
    );
}

const countries = ['France', 'Portugal', 'Germany', 'Spain'];

function orderOf(number: number) {
  const sku = (add: number): string | undefined => loadSkus[(number * 7 + add) % loadSkus.length];
  return {
    customerId: `customer-${(number * 31) % CUSTOMERS}`,
    country: countries[number % countries.length],
    lines: [
      { sku: sku(0), quantity: 1, unitPriceMinor: 250 },
      { sku: sku(1), quantity: 2, unitPriceMinor: 400 },
    ],
  };
}
