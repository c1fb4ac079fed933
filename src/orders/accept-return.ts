import { appendEvents } from '../outbox/append-events.ts';
import { inTransaction, type Transaction } from '../platform/postgres/transaction.ts';
import type { IdempotencyKey } from './answer.ts';
import { type Claim, claimAnswers } from './idempotency.ts';
import { type Order, type Return, totalOf } from './order.ts';
import { itemsReturned } from './order-events.ts';
import type { OrderStatus } from './order-status.ts';
import { type OrdersContext, ordersSchema } from './orders-context.ts';
import { leftToReturn } from './left-to-return.ts';
import { findReturnedLines } from './sql/find-returned-lines.ts';
import { insertReturn } from './sql/insert-return.ts';
import { lockOrders } from './sql/lock-orders.ts';

export interface AcceptReturn {
  readonly content: Omit<Return, 'returnId' | 'returnedAt' | 'totalMinor'>;
  readonly idempotencyKey?: IdempotencyKey | undefined;
  readonly traceparent: string;
}

export type ReturnOutcome =
  | { readonly kind: 'accepted'; readonly text: string }
  /** No such order, or another customer's: the caller is not told which. */
  | { readonly kind: 'unknown-order' }
  /** Nothing was delivered, so nothing can come back. */
  | { readonly kind: 'not-possible'; readonly status: OrderStatus }
  /** More of a sku than was ordered and has not come back yet. */
  | { readonly kind: 'more-than-ordered'; readonly sku: string; readonly left: number }
  | { readonly kind: 'other-currency'; readonly currency: string }
  | Exclude<Claim, { readonly kind: 'claimed' }>;

export type ReturnRefusal = Exclude<
  ReturnOutcome,
  { readonly kind: 'accepted' } | Exclude<Claim, { readonly kind: 'claimed' }>
>;

/** Thrown to roll back, so that a refused request leaves its idempotency key free. */
class Refused extends Error {
  readonly outcome: ReturnRefusal;
  constructor(outcome: ReturnRefusal) {
    super(outcome.kind);
    this.outcome = outcome;
  }
}

/** In one transaction. An order that is named is locked, so that it can't be cancelled in the same moment. */
export async function acceptReturn(context: OrdersContext, request: AcceptReturn): Promise<ReturnOutcome> {
  try {
    return await inTransaction(context.pool, (tx) => acceptIn(tx, context, request), {
      searchPath: [ordersSchema],
    });
  } catch (error) {
    if (error instanceof Refused) return error.outcome;
    throw error;
  }
}

async function acceptIn(
  tx: Transaction,
  context: OrdersContext,
  request: AcceptReturn,
): Promise<ReturnOutcome> {
  const { content } = request;
  const returned: Return = {
    ...content,
    returnId: context.newId(),
    totalMinor: totalOf(content.lines),
    returnedAt: context.clock(),
  };
  // The order's lock before the key, as in cancelOrder: the other way round the two could wait for each other.
  const order = content.orderId === null ? undefined : (await lockOrders(tx, [content.orderId]))[0];
  const text = answerTo(returned);
  if (request.idempotencyKey !== undefined) {
    // Before the order's status is looked at: an answer once given is given again, whatever has happened since.
    const answer = { ...request.idempotencyKey, httpStatus: 201, text };
    const [claim] = await claimAnswers(tx, [answer], returned.returnedAt);
    if (claim !== undefined && claim.kind !== 'claimed') return claim;
  }
  const customerId = content.orderId === null ? content.customerId : customerOf(order, content.customerId);
  if (order !== undefined) await refuseWhatWasNotOrdered(tx, order, returned);
  await insertReturn(tx, { ...returned, customerId });
  await appendEvents(tx, context.encoder, [itemsReturned({ ...returned, customerId }, request.traceparent)]);
  return { kind: 'accepted', text };
}

async function refuseWhatWasNotOrdered(tx: Transaction, order: Order, returned: Return): Promise<void> {
  if (returned.currency !== order.currency)
    throw new Refused({ kind: 'other-currency', currency: order.currency });
  const before = await findReturnedLines(tx, order.orderId);
  const left = leftToReturn(order.lines, [...before, ...returned.lines]);
  const tooMany = returned.lines.find(({ sku }) => (left.get(sku) ?? 0) < 0);
  if (tooMany === undefined) return;
  const { sku } = tooMany;
  throw new Refused({
    kind: 'more-than-ordered',
    sku,
    left: leftToReturn(order.lines, before).get(sku) ?? 0,
  });
}

/** The order's customer, even when the request names only the order: its events belong to that customer's key. */
function customerOf(order: Order | undefined, claimed: string | null): string | null {
  if (order === undefined || (claimed !== null && claimed !== order.customerId)) {
    throw new Refused({ kind: 'unknown-order' });
  }
  if (order.status !== 'CONFIRMED') throw new Refused({ kind: 'not-possible', status: order.status });
  return order.customerId;
}

function answerTo({ returnId, orderId, totalMinor, currency, returnedAt }: Return): string {
  return JSON.stringify({ returnId, orderId, totalMinor, currency, returnedAt: returnedAt.toISOString() });
}
