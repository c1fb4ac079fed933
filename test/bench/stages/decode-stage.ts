import { silentLog } from '../../../src/platform/log.ts';
import { createPool } from '../../../src/platform/postgres/pool.ts';
import type { Queryable } from '../../../src/platform/postgres/statement.ts';
import { dropSlot } from '../../support/drop-slot.ts';
import { createTestDatabase } from '../../support/test-database.ts';
import { unlessStopped } from '../bench-stack.ts';
import { Cleanup } from '../compare/cleanup.ts';
import { meterWork } from '../meter-work.ts';
import { openOrdersContext } from '../open-orders-context.ts';
import { COMMIT_CLIENTS, commitOrders } from './commit-orders.ts';
import type { Stage, StageFigures, StageOptions } from './stage.ts';

export const decodeStage: Stage = {
  name: 'decode',
  describes:
    'Postgres decodes the log of a slot by pgoutput, one order a transaction, and gives it to nobody (pg_logical_slot_peek_binary_changes)',
  measure: measureDecode,
};

/** Looking does not move the slot: the first look warms up, the second counts. */
async function measureDecode({ orders, seed }: StageOptions, stopping: AbortSignal): Promise<StageFigures> {
  const cleanup = new Cleanup();
  try {
    const database = await createTestDatabase('orders');
    cleanup.add(() => database.drop());
    const admin = createPool({
      connectionString: database.adminUrl,
      applicationName: 'bench-decode',
      log: silentLog,
      max: 1,
      queryTimeoutMs: 600_000,
    });
    cleanup.add(() => admin.end());
    const slot = `bench_decode_${database.database}`;
    await admin.query({
      text: `select from pg_create_logical_replication_slot($1, 'pgoutput')`,
      values: [slot],
    });
    cleanup.add(() => dropSlot(admin, slot));
    const context = await openOrdersContext(database, COMMIT_CLIENTS, cleanup);
    await commitOrders(context, { orders, seed }, stopping);
    await unlessStopped(stopping, decode(admin, slot));
    const { result, ...reading } = await meterWork({}, () => unlessStopped(stopping, decode(admin, slot)));
    if (result.inserts !== orders)
      throw new Error(`Of ${orders} rows of the outbox ${result.inserts} were decoded.`);
    return { perSecond: orders / result.seconds, events: orders, ...reading };
  } finally {
    await cleanup.run();
  }
}

async function decode(admin: Queryable, slot: string): Promise<{ inserts: number; seconds: number }> {
  const began = performance.now();
  const { rows } = await admin.query<{ inserts: number }>({
    text: `select count(*) filter (where get_byte(data, 0) = ascii('I')) as inserts
           from pg_logical_slot_peek_binary_changes($1, null, null, 'proto_version', '1', 'publication_names', 'orders_outbox')`,
    values: [slot],
  });
  return { inserts: rows[0]?.inserts ?? 0, seconds: (performance.now() - began) / 1e3 };
}
