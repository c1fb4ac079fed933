import { waitUntil } from '../../src/platform/wait-until.ts';
import type { TestPipeline } from './test-pipeline.ts';

export interface OrderAnswer {
  readonly orderId: string;
  readonly status: string;
  readonly rejection?: readonly { sku: string; requested: number; available: number; reason: string }[];
}

export interface StockAnswer {
  readonly sku: string;
  readonly onHand: number;
  readonly reserved: number;
}

export interface Shop {
  setStock(sku: string, onHand: number): Promise<void>;
  stockOf(sku: string): Promise<StockAnswer>;
  /** Places an order of one customer; `quantities` by sku. */
  place(
    customerId: string | undefined,
    quantities: Record<string, number>,
    idempotencyKey?: string,
  ): Promise<OrderAnswer>;
  cancel(orderId: string): Promise<OrderAnswer>;
  /** Waits until the order is no longer PLACED. */
  settled(orderId: string): Promise<OrderAnswer>;
  /** Waits until the stock is as given. */
  stockBecomes(sku: string, expected: Partial<StockAnswer>): Promise<StockAnswer>;
}

/** What a customer and a storekeeper do, over HTTP. */
export function shopOf(pipeline: TestPipeline): Shop {
  const orders = (path: string, init?: RequestInit) => ask(`${pipeline.service('orders').url}${path}`, init);
  const stock = (path: string, init?: RequestInit) =>
    ask(`${pipeline.service('inventory').url}${path}`, init);
  const stockOf = (sku: string) => stock(`/stock/${sku}`) as Promise<StockAnswer>;
  return {
    async setStock(sku, onHand) {
      await stock(`/stock/${sku}`, json('PUT', { onHand }));
    },
    stockOf,
    place(customerId, quantities, idempotencyKey) {
      const lines = Object.entries(quantities).map(([sku, quantity]) => ({
        sku,
        quantity,
        unitPriceMinor: 250,
      }));
      const headers = idempotencyKey === undefined ? {} : { 'idempotency-key': idempotencyKey };
      const body = { ...(customerId === undefined ? {} : { customerId }), country: 'France', lines };
      return orders('/orders', json('POST', body, headers)) as Promise<OrderAnswer>;
    },
    cancel: (orderId) => orders(`/orders/${orderId}/cancel`, json('POST', {})) as Promise<OrderAnswer>,
    settled: (orderId) =>
      waitUntil(
        async () => {
          const order = (await orders(`/orders/${orderId}?waitFor=settled&timeoutMs=5000`)) as OrderAnswer;
          return order.status === 'PLACED' ? undefined : order;
        },
        { timeoutMs: 60_000, what: `order ${orderId} to be settled` },
      ),
    stockBecomes: (sku, expected) =>
      waitUntil(
        async () => {
          const now = await stockOf(sku);
          const isSo = Object.entries(expected).every(
            ([name, value]) => now[name as keyof StockAnswer] === value,
          );
          return isSo ? now : undefined;
        },
        { timeoutMs: 60_000, what: `stock of ${sku} to be ${JSON.stringify(expected)}` },
      ),
  };
}

const json = (method: string, body: unknown, headers: Record<string, string> = {}): RequestInit => ({
  method,
  headers: { 'content-type': 'application/json', ...headers },
  body: JSON.stringify(body),
});

async function ask(url: string, init?: RequestInit): Promise<unknown> {
  const response = await fetch(url, init);
  const text = await response.text();
  if (!response.ok) throw new Error(`${init?.method ?? 'GET'} ${url} answered ${response.status}: ${text}`);
  return JSON.parse(text);
}
