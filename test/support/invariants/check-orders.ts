import { violations } from './invariants.ts';
import type { Checked, Violation } from './invariants.ts';
import { ordersOf } from './orders-of.ts';

/** What the client was told is what is there. */
export async function checkOrders(checked: Checked): Promise<Violation[]> {
  const rows = await ordersOf(checked);
  const byReference = Map.groupBy(rows, ({ reference }) => reference);
  const known = new Set(checked.acknowledged.map(({ reference }) => reference));
  const statuses = new Map(rows.map(({ orderId, status }) => [orderId, status]));
  return [
    ...violations('acknowledged-once', [
      ...checked.acknowledged.flatMap(({ reference, orderId }) => {
        const ids = (byReference.get(reference) ?? []).map((row) => row.orderId);
        return ids.length === 1 && ids[0] === orderId
          ? []
          : [`${reference} was acknowledged as ${orderId} and is there as: ${ids.join(', ') || 'nothing'}`];
      }),
      ...rows
        .filter(({ reference }) => !known.has(reference ?? ''))
        .map(
          ({ orderId, reference }) => `nobody was told of order ${orderId} (${reference ?? 'no reference'})`,
        ),
    ]),
    ...violations(
      'cancelled-stays-cancelled',
      checked.acknowledged
        .filter(({ orderId, cancelled }) => cancelled && statuses.get(orderId) !== 'CANCELLED')
        .map(({ orderId }) => `${orderId} is ${statuses.get(orderId) ?? 'missing'}`),
    ),
    ...violations(
      'settled',
      rows.filter(({ status }) => status === 'PLACED').map(({ orderId }) => `${orderId} is PLACED`),
    ),
  ];
}
