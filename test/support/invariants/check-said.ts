import { violations } from './invariants.ts';
import type { Checked, Violation } from './invariants.ts';
import { ordersOf } from './orders-of.ts';
import { never, saidBy } from './said-by.ts';

/** What must have been said of an order in this state: [at least, at most] times. */
const OUTCOMES: Readonly<Record<string, Readonly<Record<string, readonly [number, number]>>>> = {
  PLACED: { OrderConfirmed: [0, 0], OrderRejected: [0, 0], OrderCancelled: [0, 0] },
  CONFIRMED: { OrderConfirmed: [1, 1], OrderRejected: [0, 0], OrderCancelled: [0, 0] },
  REJECTED: { OrderConfirmed: [0, 0], OrderRejected: [1, 1], OrderCancelled: [0, 0] },
  // It may have been confirmed before.
  CANCELLED: { OrderConfirmed: [0, 1], OrderRejected: [0, 0], OrderCancelled: [1, 1] },
};

/** Orders and what the order service said of them. */
export async function checkSaid(checked: Checked): Promise<Violation[]> {
  const [rows, said] = await Promise.all([ordersOf(checked), saidBy(checked.databases.orders)]);
  const ids = new Set(rows.map(({ orderId }) => orderId));
  return [
    ...violations('placed-said-once', [
      ...rows
        .map(({ orderId }) => ({ orderId, times: (said.get(orderId) ?? never)('OrderPlaced') }))
        .filter(({ times }) => times !== 1)
        .map(({ orderId, times }) => `${orderId} was said to be placed ${times} times`),
      ...[...said.keys()].filter((id) => !ids.has(id)).map((id) => `${id} is in the outbox and no order`),
    ]),
    ...violations(
      'outcome-said-once',
      rows.flatMap(({ orderId, status }) =>
        Object.entries(OUTCOMES[status] ?? {}).flatMap(([type, [least, most]]) => {
          const times = (said.get(orderId) ?? never)(type);
          return times >= least && times <= most
            ? []
            : [`${orderId} is ${status}, ${type} was said ${times} times`];
        }),
      ),
    ),
  ];
}
