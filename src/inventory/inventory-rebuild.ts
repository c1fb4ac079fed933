import {
  type RebuildDefinition,
  type RecordedEffect,
  rebuildByReplaying,
} from '../consumer/rebuild/define-rebuild.ts';
import type { Transaction } from '../platform/postgres/transaction.ts';
import type { StockChange } from './decide-stock.ts';
import { inventoryReading } from './inventory-consumer.ts';
import { replayStock } from './replay-stock.ts';
import { findRestocked } from './sql/find-restocked.ts';
import { lockReservations } from './sql/lock-reservations.ts';
import { addAdjustments, addToStock, rebuildReservations, rebuildRestocks } from './sql/rebuild-stock.ts';

/** Makes the stock again from what the orders' events ask for and what was answered then; what people counted is added at the end. */
export const inventoryRebuild: RebuildDefinition = rebuildByReplaying(inventoryReading, {
  replay: replayEffects,
  addFacts: addAdjustments,
});

async function replayEffects(
  tx: Transaction,
  effects: readonly RecordedEffect<StockChange>[],
): Promise<readonly (string | undefined)[]> {
  const changes = effects.map(({ change }) => change);
  const orderIds = changes.flatMap((change) => (change.kind === 'restock' ? [] : [change.orderId]));
  const returnIds = changes.flatMap((change) => (change.kind === 'restock' ? [change.returnId] : []));
  const replayed = replayStock(
    {
      reservations: await lockReservations(tx, [...new Set(orderIds)]),
      restocked: await findRestocked(tx, returnIds),
    },
    effects,
  );
  await addToStock(tx, replayed.moves);
  await rebuildReservations(tx, replayed.reservations);
  await rebuildRestocks(tx, replayed.restocks);
  return replayed.misfits;
}
