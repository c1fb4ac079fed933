import type { OrdersContext } from '../../../src/orders/orders-context.ts';
import { placeOrders } from '../../../src/orders/place-orders.ts';
import { endlessOrders } from '../endless-orders.ts';

export const COMMIT_CLIENTS = 8;

/** So many orders, each in a transaction of its own, as POST /orders commits them. */
export async function commitOrders(
  context: OrdersContext,
  { orders, seed }: { readonly orders: number; readonly seed: number },
  stopping: AbortSignal,
): Promise<void> {
  const requests = endlessOrders(seed);
  let left = orders;
  const client = async (): Promise<void> => {
    while (left > 0) {
      stopping.throwIfAborted();
      left -= 1;
      await placeOrders(context, [requests.next().value]);
    }
  };
  await Promise.all(Array.from({ length: COMMIT_CLIENTS }, client));
}
