import { rowsOf, violations } from './invariants.ts';
import type { Checked, Violation } from './invariants.ts';

/** What the service answered to a request, and to the same request with the same Idempotency-Key once more. */
export interface Reply {
  readonly what: string;
  /** The order that was to be cancelled; undefined where something was ordered or returned. */
  readonly cancels?: string;
  readonly first: unknown;
  readonly again?: unknown;
}

type Fields = Readonly<Record<string, unknown>>;

/** What an answer says of a row, and the row; undefined when there is none. */
interface Compared {
  readonly fields: readonly string[];
  readonly row: Fields | undefined;
}

const time = (column: string): string =>
  `to_char(${column} at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"')`;

/** In the words of the answers. */
const ORDERS = `
  select order_id as id, order_id as "orderId", reference, currency, total_minor as "totalMinor",
         ${time('placed_at')} as "placedAt", status, status as "orderStatus", ${time('cancelled_at')} as "cancelledAt"
  from orders.orders`;
const RETURNS = `
  select return_id as id, return_id as "returnId", order_id as "orderId", currency, total_minor as "totalMinor",
         ${time('returned_at')} as "returnedAt"
  from orders.returns`;

const ORDERED = ['orderId', 'reference', 'currency', 'totalMinor', 'placedAt'];
const RETURNED = ['returnId', 'orderId', 'currency', 'totalMinor', 'returnedAt'];
const CANCELLED = ['orderId', 'status', 'cancelledAt'];
/** Of a problem: the status in which an order is not cancelled is one that stays. */
const REFUSED = ['orderStatus'];

/** Answers with each other, and with the orders and returns they speak of. */
export async function checkReplies({ databases }: Checked, replies: readonly Reply[]): Promise<Violation[]> {
  const [orders, returns] = await Promise.all(
    [ORDERS, RETURNS].map(async (text) => {
      const rows = await rowsOf<Fields & { readonly id: string }>(databases.orders, text);
      return new Map<unknown, Fields>(rows.map((row) => [row.id, row]));
    }),
  );
  const compared = ({ cancels, first }: Reply): Compared => {
    const told = fieldsOf(first);
    if (cancels !== undefined)
      return { fields: 'orderStatus' in told ? REFUSED : CANCELLED, row: orders?.get(cancels) };
    return 'returnId' in told
      ? { fields: RETURNED, row: returns?.get(told['returnId']) }
      : { fields: ORDERED, row: orders?.get(told['orderId']) };
  };
  return violations('replies-match', [
    ...replies
      .filter(({ first, again }) => again !== undefined && JSON.stringify(first) !== JSON.stringify(again))
      .map(
        ({ what, first, again }) =>
          `${what} was answered ${JSON.stringify(first)}, then ${JSON.stringify(again)}`,
      ),
    ...replies.flatMap((reply) => {
      const { fields, row } = compared(reply);
      const told = fieldsOf(reply.first);
      if (row !== undefined && fields.every((field) => told[field] === row[field])) return [];
      return [`${reply.what} was answered ${JSON.stringify(told)} and is ${JSON.stringify(row)}`];
    }),
  ]);
}

const fieldsOf = (answer: unknown): Fields =>
  typeof answer === 'object' && answer !== null ? (answer as Fields) : {};
