import { silentLog } from '../../../../src/platform/log.ts';
import { createPool } from '../../../../src/platform/postgres/pool.ts';
import type { Statement } from '../../../../src/platform/postgres/statement.ts';
import { dropSlot } from '../../../support/drop-slot.ts';
import type { TestDatabase } from '../../../support/test-database.ts';
import { stackValue } from '../../../support/test-stack.ts';
import type { Arm, RunningArm } from '../arm.ts';
import type { BenchShop } from '../bench-shop.ts';
import { Cleanup } from '../cleanup.ts';
import { createListenerSlot, prepareListenerTable } from '../relays/listener-table.ts';
import { startPausableRelay, startRelay } from '../relays/start-relay.ts';
import { startOrders } from '../start-orders.ts';
import type { PausableRelay } from '../start-orders.ts';

/** npm pg-transactional-outbox, which listens to the replication stream in Node and marks each row. */
export const listenerArms: readonly Arm[] = [
  {
    name: 'pg-transactional-outbox',
    describes:
      'npm pg-transactional-outbox 0.5.7, replication listener as it comes, each message published by kafkajs with acks -1',
    settles: true,
    start: (shop) => startListenerArm(shop, true),
  },
  {
    name: 'pg-transactional-outbox-tuned',
    describes:
      'the same with what it lets one set: a mutex for each key instead of one, no protection against poison, 20 connections, several sends under way',
    settles: true,
    start: (shop) => startListenerArm(shop, false),
  },
];

async function startListenerArm(shop: BenchShop, asItComes: boolean): Promise<RunningArm> {
  const cleanup = new Cleanup();
  return cleanup.guard(async () => {
    const relayOf = async (name: string, database: TestDatabase): Promise<PausableRelay> => {
      const slot = `listener_${database.database}`;
      await asAdmin(database, (db) => db.query(prepareListenerTable));
      await asAdmin(database, (db) => db.query(createListenerSlot(slot)));
      cleanup.add(() => asAdmin(database, (db) => dropSlot(db, slot)));
      const start = () =>
        startRelay('listener-main.ts', {
          databaseUrls: [database.adminUrl],
          brokers: stackValue('KAFKA_BROKERS').split(','),
          topicPrefix: shop.topicPrefix,
          settings: { slot, asItComes },
        });
      return startPausableRelay(name, start, cleanup);
    };
    const relays = [
      await relayOf('relay', shop.databases.orders),
      await relayOf('relay of inventory', shop.databases.inventory),
    ];
    const both: PausableRelay = {
      get pids() {
        return Object.assign({}, ...relays.map(({ pids }) => pids)) as Record<string, number>;
      },
      pauseRelay: async () => {
        await Promise.all(relays.map((relay) => relay.pauseRelay()));
      },
      resumeRelay: async () => {
        await Promise.all(relays.map((relay) => relay.resumeRelay()));
      },
    };
    const orders = await startOrders(() => shop.startService('orders'), cleanup);
    const inventory = await shop.startService('inventory');
    cleanup.add(() => inventory.end('SIGTERM'));
    return orders.withArm(both, inventory, cleanup);
  });
}

async function asAdmin<T>(
  { adminUrl }: TestDatabase,
  work: (db: { query(statement: Statement): Promise<unknown> } & ReturnType<typeof createPool>) => Promise<T>,
): Promise<T> {
  const pool = createPool({ connectionString: adminUrl, applicationName: 'bench', log: silentLog, max: 1 });
  try {
    return await work(pool);
  } finally {
    await pool.end();
  }
}
