import { GroupCommit } from '../platform/group-commit.ts';
import { isTransientPostgresError } from '../platform/postgres/postgres-errors.ts';
import { CommitUnknownError } from '../platform/postgres/transaction.ts';
import type { OrdersContext } from './orders-context.ts';
import { placeOrders, type PlaceOrder, type PlaceOutcome } from './place-orders.ts';

/** One that waits, for a customer's row that another transaction holds, leaves room for another. */
const CONCURRENCY = 2;
/** As many as lines of a bulk request share a transaction. */
const MOST = 500;

/**
 * For requests that bring one order each: those that come while others are being committed share the next transaction, which costs
 * little more for ten than for one. What one of them does wrong is not the others' trouble; see `placeOrders` for what a failure means.
 */
export function placeOneByOne(context: OrdersContext): (request: PlaceOrder) => Promise<PlaceOutcome> {
  const commits = new GroupCommit<PlaceOrder, PlaceOutcome>({
    commit: (requests) => placeOrders(context, requests),
    concurrency: CONCURRENCY,
    maxWeight: MOST,
    // Of a commit that may have been done only a request with an idempotency key can be sent again, by its client.
    mayBeOneItems: (error) => !(error instanceof CommitUnknownError) && !isTransientPostgresError(error),
  });
  return (request) => commits.submit(request);
}
