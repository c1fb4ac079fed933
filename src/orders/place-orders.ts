import { commitWithEvents } from '../outbox/append-events.ts';
import { inTransaction, type TransactionOptions } from '../platform/postgres/transaction.ts';
import type { Answer, IdempotencyKey } from './answer.ts';
import { type Claim, claimAnswers } from './idempotency.ts';
import { type PlacedOrder, totalOf } from './order.ts';
import { orderPlaced } from './order-events.ts';
import { type OrdersContext, ordersSchema } from './orders-context.ts';
import { insertOrders } from './sql/insert-orders.ts';

export interface PlaceOrder {
  readonly order: Omit<PlacedOrder, 'orderId' | 'placedAt' | 'totalMinor'>;
  readonly idempotencyKey?: IdempotencyKey | undefined;
  readonly traceparent: string;
}

export type PlaceOutcome =
  { readonly kind: 'placed'; readonly text: string } | Exclude<Claim, { readonly kind: 'claimed' }>;

/**
 * Places orders in one transaction: rows, kept answers and outbox rows, each kind in one statement. One outcome per
 * request, same order. When this throws nothing was placed, unless the connection broke during COMMIT: then only a
 * request with an idempotency key can safely be sent again.
 */
export async function placeOrders(
  context: OrdersContext,
  requests: readonly PlaceOrder[],
  options: Pick<TransactionOptions, 'lockTimeoutMs'> = {},
): Promise<PlaceOutcome[]> {
  const placedAt = context.clock();
  const prepared = requests.map((request) => prepare(context, request, placedAt));
  const searchPath = [ordersSchema];
  return inTransaction(
    context.pool,
    async (tx) => {
      const answers = prepared.flatMap(({ answer }) => (answer === undefined ? [] : [answer]));
      const claims = new Map<Answer | undefined, Claim>();
      for (const [i, claim] of (await claimAnswers(tx, answers, placedAt)).entries())
        claims.set(answers[i], claim);
      const fresh = prepared.filter(
        ({ answer }) => answer === undefined || claims.get(answer)?.kind === 'claimed',
      );
      if (fresh.length > 0) {
        const events = fresh.map(({ order, traceparent }) => orderPlaced(order, traceparent));
        // The events come last, since they hold the customers' keys until COMMIT.
        await commitWithEvents(tx, context.encoder, events, [insertOrders(fresh.map(({ order }) => order))]);
      }
      return prepared.map(({ answer, text }): PlaceOutcome => {
        const claim = claims.get(answer);
        return claim === undefined || claim.kind === 'claimed' ? { kind: 'placed', text } : claim;
      });
    },
    { searchPath, ...options },
  );
}

interface PreparedOrder {
  readonly order: PlacedOrder;
  readonly traceparent: string;
  readonly text: string;
  readonly answer: Answer | undefined;
}

/** The answer is known before anything is written, so it is kept in the same transaction as the order. */
function prepare(context: OrdersContext, request: PlaceOrder, placedAt: Date): PreparedOrder {
  const { lines, currency, reference } = request.order;
  const orderId = context.newId();
  const order = { ...request.order, orderId, placedAt, totalMinor: totalOf(lines) };
  const text = JSON.stringify({
    orderId,
    status: 'PLACED',
    totalMinor: order.totalMinor,
    currency,
    reference,
    placedAt: placedAt.toISOString(),
  });
  const answer =
    request.idempotencyKey === undefined ? undefined : { ...request.idempotencyKey, httpStatus: 201, text };
  return { order, traceparent: request.traceparent, text, answer };
}
