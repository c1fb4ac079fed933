import { rowsOf, violations } from './invariants.ts';
import type { Checked, Violation } from './invariants.ts';

/** What the service answered to a request, and to the same request with the same Idempotency-Key once more. */
export interface Reply {
  readonly what: string;
  readonly first: unknown;
  readonly again?: unknown;
}

interface Told {
  readonly orderId: string;
  readonly reference: string | null;
  readonly currency: string;
  readonly totalMinor: number;
}

/** Answers with each other, and with the orders they speak of. */
export async function checkReplies({ databases }: Checked, replies: readonly Reply[]): Promise<Violation[]> {
  const rows = await rowsOf<Told>(
    databases.orders,
    'select order_id as "orderId", reference, currency, total_minor as "totalMinor" from orders.orders',
  );
  const there = new Map(rows.map((row) => [row.orderId, row]));
  return violations('replies-match', [
    ...replies
      .filter(({ first, again }) => again !== undefined && JSON.stringify(first) !== JSON.stringify(again))
      .map(
        ({ what, first, again }) =>
          `${what} was answered ${JSON.stringify(first)}, then ${JSON.stringify(again)}`,
      ),
    ...replies.flatMap(({ what, first }) => {
      if (!isOrder(first)) return [];
      const row = there.get(first.orderId);
      const same =
        row?.reference === first.reference &&
        row.currency === first.currency &&
        row.totalMinor === first.totalMinor;
      return same ? [] : [`${what} was answered ${JSON.stringify(first)} and is ${JSON.stringify(row)}`];
    }),
  ]);
}

/** An answer to POST /orders; one to a return or a refusal has no total of an order. */
function isOrder(answer: unknown): answer is Told {
  return typeof answer === 'object' && answer !== null && 'orderId' in answer && 'placedAt' in answer;
}
