import { silentLog } from '../../../../src/platform/log.ts';
import { createPool } from '../../../../src/platform/postgres/pool.ts';
import { stackValue } from '../../../support/test-stack.ts';
import type { Arm, RunningArm } from '../arm.ts';
import type { BenchShop } from '../bench-shop.ts';
import { Cleanup } from '../cleanup.ts';
import type { PollingSettings } from '../relays/polling-relay.ts';
import { prepareMarking } from '../relays/polling-statements.ts';
import { startPausableRelay, startRelay } from '../relays/start-relay.ts';
import { startOrders } from '../start-orders.ts';

/** A relay that asks the outbox again and again: `polling-delete-500-10` takes 500 rows at most, every 10 ms. */
function pollingArm(settings: PollingSettings): Arm {
  const { method, batch, intervalMs } = settings;
  return {
    name: `polling-${method}-${batch}-${intervalMs}`,
    describes:
      `FOR UPDATE SKIP LOCKED, rows ${method === 'delete' ? 'deleted' : 'marked as published'}, ${batch} at a time, ` +
      `every ${intervalMs} ms, published by kafkajs with acks -1`,
    settles: true,
    start: (shop) => startPollingArm(shop, settings),
  };
}

const each = <T>(values: readonly T[], arms: (value: T) => Arm[]): Arm[] => values.flatMap(arms);

/** Each way with each batch and interval. */
export const pollingArms: readonly Arm[] = each(['delete', 'mark'] as const, (method) =>
  each([100, 500], (batch) => each([10, 500], (intervalMs) => [pollingArm({ method, batch, intervalMs })])),
);

async function startPollingArm(shop: BenchShop, settings: PollingSettings): Promise<RunningArm> {
  const cleanup = new Cleanup();
  return cleanup.guard(async () => {
    const { orders: ordersDb, inventory: inventoryDb } = shop.databases;
    const databaseUrls = [ordersDb.ownerUrl, inventoryDb.ownerUrl];
    if (settings.method === 'mark') for (const url of databaseUrls) await prepare(url);
    const relay = await startPausableRelay(
      'relay',
      () =>
        startRelay('polling-main.ts', {
          databaseUrls,
          brokers: stackValue('KAFKA_BROKERS').split(','),
          topicPrefix: shop.topicPrefix,
          settings,
        }),
      cleanup,
    );
    const orders = await startOrders(() => shop.startService('orders'), cleanup);
    const inventory = await shop.startService('inventory');
    cleanup.add(() => inventory.end('SIGTERM'));
    return orders.withArm(relay, inventory, cleanup);
  });
}

async function prepare(connectionString: string): Promise<void> {
  const pool = createPool({ connectionString, applicationName: 'bench', log: silentLog, max: 1 });
  try {
    await pool.query(prepareMarking);
  } finally {
    await pool.end();
  }
}
