import pg from 'pg';
import { silentLog } from '../../../src/platform/log.ts';
import { createPool } from '../../../src/platform/postgres/pool.ts';
import type { Statement } from '../../../src/platform/postgres/statement.ts';
import { inTransaction } from '../../../src/platform/postgres/transaction.ts';
import { hotCustomer, hotSku } from '../../support/shop-load.ts';
import { stackValue, testStack } from '../../support/test-stack.ts';
import type { Fault } from '../fault.ts';
import type { PlannedRequest } from '../plan-request.ts';
import { waitInStorm } from '../storm.ts';
import type { Storm } from '../storm.ts';
import { killNow } from './kill-part.ts';

/**
 * Holds a transaction open in the database of orders, as its owner: the service's role may not.
 * @param statements each finds a row, by and by
 */
async function inOpenTransaction(
  storm: Storm,
  statements: readonly Statement[],
  meanwhile: () => Promise<void>,
): Promise<void> {
  const owner = createPool({
    connectionString: storm.pipeline.databases.orders.ownerUrl,
    applicationName: 'chaos',
    log: silentLog,
    max: 1,
  });
  try {
    await inTransaction(owner, async (tx) => {
      for (const statement of statements)
        await waitInStorm(storm, async () => (await tx.query(statement)).rowCount > 0, {
          timeoutMs: 30_000,
          what: 'the row to lock',
        });
      await meanwhile();
    });
  } finally {
    await owner.end();
  }
}

/** From here on the slot must keep the log: nobody knows yet how this one ends. */
const takesAnId = { text: 'select pg_current_xact_id()' };

const locksHotCustomer = {
  text: `select from pipeline.outbox_keys where topic = 'orders.events' and key = $1 for update`,
  values: [hotCustomer],
};

const idle: Fault = {
  name: 'idle-transaction',
  what: 'a transaction with an id stays open and holds back the slot, then ends',
  holdMs: [2_000, 12_000],
  weight: 1,
  async strike(storm, { holdMs }) {
    await inOpenTransaction(storm, [takesAnId], () => storm.hold(holdMs));
    return `open for ${holdMs} ms`;
  },
};

/** Of the order service, for requests (src/orders/start-orders.ts). */
const POOL_SIZE = 10;

/** Orders alone would not do it: they use eight connections at most, and those that share one wait a second. */
const poolExhausted: Fault = {
  name: 'pool-exhausted',
  what: 'a lock on the busiest customer, of whom goods come back, keeps every connection of the order service waiting, then is let go',
  holdMs: [3_000, 12_000],
  weight: 1,
  async strike(storm, { number, holdMs }) {
    await inOpenTransaction(storm, [locksHotCustomer], async () => {
      for (let n = 1; n <= POOL_SIZE; n += 1) storm.load.add(hotReturn(`strike ${number} return ${n}`));
      await waitInStorm(storm, async () => (await waitingForLocks(storm)) >= POOL_SIZE, {
        timeoutMs: 20_000,
        what: `all ${POOL_SIZE} connections of the order service to wait`,
      });
      await storm.hold(holdMs);
    });
    return `all ${POOL_SIZE} waited, locked for ${holdMs} ms more`;
  },
};

const hotReturn = (reference: string): PlannedRequest => ({
  reference,
  path: '/returns',
  body: {
    customerId: hotCustomer,
    country: 'France',
    lines: [{ sku: hotSku, quantity: 1, unitPriceMinor: 100 }],
  },
  cancel: false,
  again: false,
});

async function waitingForLocks({ admin, pipeline }: Storm): Promise<number> {
  const { rows } = await admin.query<{ count: number }>({
    text: `select count(*) from pg_stat_activity
           where datname = $1 and application_name = 'orders' and wait_event_type = 'Lock'`,
    values: [pipeline.databases.orders.database],
  });
  return rows[0]?.count ?? 0;
}

const connectionsExhausted: Fault = {
  name: 'connections-exhausted',
  what: 'a stranger takes all connections that the server has left, then ends them',
  holdMs: [1_000, 6_000],
  weight: 1,
  async strike(storm, { holdMs }) {
    const taken: pg.Client[] = [];
    try {
      for (let refused = false; !refused;) refused = !(await takeOne(taken));
      await storm.hold(holdMs);
    } finally {
      await Promise.all(taken.map((client) => client.end().catch(() => undefined)));
    }
    if (taken.length === 0) return { skipped: 'the server had none left to take' };
    return `${taken.length} taken for ${holdMs} ms`;
  },
};

/** @returns false when the server has none left */
async function takeOne(taken: pg.Client[]): Promise<boolean> {
  const client = new pg.Client({ connectionString: stackValue('POSTGRES_ADMIN_URL') });
  client.on('error', () => undefined);
  try {
    await client.connect();
    taken.push(client);
    return taken.length < 500;
  } catch {
    return false;
  }
}

const connectKilledAmidLongTransaction: Fault = {
  name: 'connect-killed-amid-transactions',
  what: 'Connect is killed while a long transaction and orders that wait for it interleave with short ones',
  holdMs: [500, 4_000],
  weight: 1,
  async strike(storm, { holdMs }) {
    await inOpenTransaction(storm, [takesAnId, locksHotCustomer], async () => {
      await storm.hold(holdMs);
      await killNow('connect');
      await storm.hold(holdMs);
    });
    await testStack().up();
    return `killed after ${holdMs} ms of it`;
  },
};

export const databaseFaults: readonly Fault[] = [
  idle,
  poolExhausted,
  connectionsExhausted,
  connectKilledAmidLongTransaction,
];
