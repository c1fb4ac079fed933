import { inventoryEvents } from '../../../src/contracts/inventory-events.ts';
import { createEncoder } from '../../../src/events/encoder.ts';
import { adjustStock } from '../../../src/inventory/adjust-stock.ts';
import { loadEventSchemas } from '../../../src/outbox/load-event-schemas.ts';
import { systemClock } from '../../../src/platform/clock.ts';
import { createTestDatabase } from '../../support/test-database.ts';
import type { TestDatabase } from '../../support/test-database.ts';
import { skuName } from './order-stream.ts';

/** Enough of each sku for every order: what is measured is reserving. */
const PIECES = 1_000_000_000;

/** A fresh database of the inventory with `skus` skus on the shelf, entered as a person would; names as `skuName` has them. */
export async function createStockedDatabase(skus: number, skuCharacters?: number): Promise<TestDatabase> {
  const database = await createTestDatabase('inventory');
  const { pool } = database;
  const encoder = createEncoder(await loadEventSchemas(pool, Object.values(inventoryEvents.events)));
  const counts = Array.from({ length: skus }, (_, number) => ({
    sku: skuName(number, skuCharacters),
    onHand: PIECES,
  }));
  await adjustStock({ pool, encoder, clock: systemClock }, counts, null);
  return database;
}
