import { violations } from './invariants.ts';
import type { Checked, Violation } from './invariants.ts';
import { ordersOf } from './orders-of.ts';
import { never, saidBy } from './said-by.ts';

/** Orders and what the inventory answered. */
export async function checkAnswers(checked: Checked): Promise<Violation[]> {
  const [rows, said] = await Promise.all([ordersOf(checked), saidBy(checked.databases.inventory)]);
  const details = rows.flatMap(({ orderId, status }) => {
    const times = said.get(orderId) ?? never;
    const [reserved, rejected, released] = [
      times('StockReserved'),
      times('StockRejected'),
      times('StockReleased'),
    ];
    const isRight =
      status === 'CANCELLED'
        ? reserved + rejected <= 1 && released === reserved
        : reserved === Number(status === 'CONFIRMED') &&
          rejected === Number(status === 'REJECTED') &&
          released === 0;
    return isRight
      ? []
      : [`${orderId} is ${status}: reserved ${reserved}, rejected ${rejected}, released ${released} times`];
  });
  const ids = new Set(rows.map(({ orderId }) => orderId));
  const strangers = [...said.keys()].filter((id) => !ids.has(id));
  return violations('answered-once', [
    ...details,
    ...strangers.map((id) => `${id} was answered and is no order`),
  ]);
}
