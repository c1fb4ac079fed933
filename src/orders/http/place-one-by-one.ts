import { GroupCommit } from '../../platform/group-commit.ts';
import { unavailable } from '../../platform/http/problem.ts';
import { isOverWhatItTouched, isTransientPostgresError } from '../../platform/postgres/postgres-errors.ts';
import { CommitUnknownError } from '../../platform/postgres/commit-unknown-error.ts';
import type { OrdersContext } from '../orders-context.ts';
import { placeOrders, type PlaceOrder, type PlaceOutcome } from '../place-orders.ts';

/** As many as lines of a bulk request share a transaction. */
const MOST_TOGETHER = 500;
/** Some of the pool's ten connections are left for other requests. */
const MOST_TRANSACTIONS = 8;
/** One that waits for a row makes nobody else wait for longer. */
const PATIENCE_MS = 20;
/** Orders that were put together are not kept waiting for one customer's row. */
const LOCK_TIMEOUT_MS = 1_000;
/** As long as one waits for a connection. */
const TOO_LATE_MS = 5_000;

/**
 * For requests that bring one order each: those that come while others are being committed share the next transaction, which costs
 * little more for ten than for one. When such a transaction fails because of one of them, each is tried by itself; see
 * `placeOrders` for what a failure means.
 */
export function placeOneByOne(context: OrdersContext): (request: PlaceOrder) => Promise<PlaceOutcome> {
  const commits = new GroupCommit<PlaceOrder, PlaceOutcome>({
    commit: (requests) =>
      placeOrders(context, requests, requests.length === 1 ? {} : { lockTimeoutMs: LOCK_TIMEOUT_MS }),
    // A second one beside it would only halve what they share.
    concurrency: 1,
    patienceMs: PATIENCE_MS,
    maxConcurrency: MOST_TRANSACTIONS,
    maxWeight: MOST_TOGETHER,
    mayBeOneItems,
    tooLate: {
      afterMs: TOO_LATE_MS,
      error: () => unavailable('The service is overloaded or its database is slow; nothing was placed.'),
    },
  });
  return (request) => commits.submit(request);
}

/** Of a commit that may have been done only a request with an idempotency key can be sent again, by its client. */
const mayBeOneItems = (error: unknown): boolean =>
  !(error instanceof CommitUnknownError) && (isOverWhatItTouched(error) || !isTransientPostgresError(error));
