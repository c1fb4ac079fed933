import { once } from 'node:events';
import { connect, createServer } from 'node:net';
import type { AddressInfo } from 'node:net';
import { silentLog } from '../../../src/platform/log.ts';
import { CommitUnknownError } from '../../../src/platform/postgres/commit-unknown-error.ts';
import { GroupedStatements } from '../../../src/platform/postgres/grouped-statements.ts';
import { inOneRoundTrip } from '../../../src/platform/postgres/in-one-round-trip.ts';
import { createPool } from '../../../src/platform/postgres/pool.ts';
import type { Pool } from '../../../src/platform/postgres/pool.ts';
import { inTransaction } from '../../../src/platform/postgres/transaction.ts';
import type { Statement } from '../../../src/platform/postgres/statement.ts';
import type { Transaction } from '../../../src/platform/postgres/transaction.ts';
import { startTcpProxy } from '../../support/tcp-proxy.ts';
import { createTestDatabase } from '../../support/test-database.ts';
import type { TestDatabase } from '../../support/test-database.ts';
import { waitUntil } from '../../../src/platform/wait-until.ts';

const SYNC = Buffer.from([0x53, 0, 0, 0, 4]);

let database: TestDatabase;
let pool: Pool;
let syncs = 0;
/** Between the pool and Postgres: counts how often Postgres is asked to answer. */
const counting = createServer((client) => {
  const server = connect(Number(new URL(database.adminUrl).port), '127.0.0.1');
  client.on('error', () => undefined).on('data', (data: Buffer) => (syncs += countOf(SYNC, data)));
  // A server that goes with something unread resets the connection, which a pipe does not pass on.
  server.on('error', () => undefined).on('close', () => client.end());
  client.pipe(server).pipe(client);
});

beforeAll(async () => {
  database = await createTestDatabase('sales');
  counting.listen(0, '127.0.0.1');
  await once(counting, 'listening');
  pool = poolAt((counting.address() as AddressInfo).port);
  await pool.query({ text: 'create schema t; create table t.done (what text primary key)' });
});
afterAll(async () => {
  await pool.end();
  counting.close();
  await database.drop();
});
beforeEach(() => pool.query({ text: 'truncate t.done' }));

/** One connection, so that what one test leaves on it meets the next. */
function poolAt(port: number): Pool {
  const url = new URL(database.adminUrl);
  url.port = String(port);
  return createPool({ connectionString: url.href, applicationName: 'test', log: silentLog, max: 1 });
}

function countOf(part: Buffer, data: Buffer): number {
  let count = 0;
  for (let at = data.indexOf(part); at !== -1; at = data.indexOf(part, at + 1)) count += 1;
  return count;
}

const inserting = (what: unknown): Statement => ({
  name: 'insert_done',
  text: 'insert into t.done values ($1)',
  values: [what],
});
const telling = (what: string): Statement => ({ name: `tell_${what}`, text: `select '${what}' as told` });
const dividing: Statement = { name: 'divide', text: 'select 1/0' };

const insert = (tx: Pick<Transaction, 'query'>, what: string): Promise<unknown> => tx.query(inserting(what));
const tell = (tx: Transaction, what: string): Promise<unknown> =>
  tx.query(telling(what)).then(({ rows }) => rows[0]);
const divide = (tx: Transaction): Promise<unknown> => tx.query(dividing);

async function done(): Promise<unknown[]> {
  const { rows } = await pool.query<{ what: string }>({ text: 'select what from t.done order by what' });
  return rows.map(({ what }) => what);
}

describe('what does not wait for an answer goes out together', () => {
  test('BEGIN with the first statements, COMMIT with the last: one round trip', async () => {
    const before = syncs;
    const told = await inTransaction(
      pool,
      (tx) => tx.commitWith([inserting('a'), inserting('b'), telling('x')]),
      { searchPath: ['t'], lockTimeoutMs: 500 },
    );
    expect(syncs - before).toBe(1);
    expect(told[2]?.rows).toEqual([{ told: 'x' }]);
    expect(await done()).toEqual(['a', 'b']);
  });

  test('what goes on with an answer goes out together, too', async () => {
    const before = syncs;
    const rows = await inTransaction(pool, async (tx) => {
      const twice = async (first: string, second: string) => [await tell(tx, first), await tell(tx, second)];
      return inOneRoundTrip([twice('1', '2'), twice('3', '4')]);
    });
    expect(rows.flat()).toEqual([{ told: '1' }, { told: '2' }, { told: '3' }, { told: '4' }]);
    // Two for the statements, one for COMMIT.
    expect(syncs - before).toBe(3);
  });

  test('settings hold in the transaction alone, and one of isolation may come first', async () => {
    const shown = await inTransaction(
      pool,
      async (tx) => {
        await tx.query({ text: 'set transaction isolation level repeatable read' });
        return tx.query<{ path: string; level: string; lock: string }>({
          text: `select current_setting('search_path') as path, current_setting('transaction_isolation') as level,
                        current_setting('lock_timeout') as lock`,
          values: [],
        });
      },
      { searchPath: ['t'], lockTimeoutMs: 700 },
    );
    expect(shown.rows).toEqual([{ path: 't', level: 'repeatable read', lock: '700ms' }]);
    expect((await pool.query({ text: `show lock_timeout` })).rows).toEqual([{ lock_timeout: '0' }]);
  });
});

describe('when one of them fails', () => {
  test('it is told, those behind it are not done, and COMMIT is not either', async () => {
    const work = inTransaction(pool, (tx) => tx.commitWith([inserting('a'), dividing, telling('behind')]));
    await expect(work).rejects.toMatchObject({ code: '22012' });
    expect(await done()).toEqual([]);
  });

  test('those behind it say that they were skipped, and why', async () => {
    const answers = await inTransaction(pool, async (tx) => {
      const all = await Promise.allSettled([tell(tx, 'before'), divide(tx), tell(tx, 'after')]);
      await tx.query({ text: 'rollback; begin' });
      return all;
    });
    expect(answers).toEqual([
      { status: 'fulfilled', value: { told: 'before' } },
      { status: 'rejected', reason: expect.objectContaining({ code: '22012' }) as unknown },
      { status: 'rejected', reason: expect.objectContaining({ code: '25P02' }) as unknown },
    ]);
  });

  test('the connection can be used again: what was skipped is prepared anew', async () => {
    await expect(
      inTransaction(pool, (tx) => inOneRoundTrip([divide(tx), tell(tx, 'new')])),
    ).rejects.toMatchObject({ code: '22012' });
    expect(await inTransaction(pool, (tx) => tell(tx, 'new'))).toEqual({ told: 'new' });
    expect(pool.totalCount).toBe(1);
  });

  test('a value that can not be written, likewise; what was sent before it is undone', async () => {
    const circle: { self?: unknown } = {};
    circle.self = circle;
    const work = inTransaction(pool, (tx) =>
      tx.commitWith([inserting('a'), inserting(circle), inserting('b')]),
    );
    await expect(work).rejects.toThrow(/circular/);
    expect(await done()).toEqual([]);
    await inTransaction(pool, (tx) => insert(tx, 'c'));
    expect(await done()).toEqual(['c']);
  });

  test('a value that can not be written, on a connection that has not prepared its statement', async () => {
    const fresh = poolAt(Number(new URL(database.adminUrl).port));
    const circle: { self?: unknown } = {};
    circle.self = circle;
    try {
      const work = inTransaction(fresh, (tx) => tx.commitWith([inserting('a'), inserting(circle)]));
      await expect(work).rejects.toThrow(/circular/);
      await inTransaction(fresh, (tx) => insert(tx, 'b'));
      await inTransaction(fresh, (tx) => insert(tx, 'c'));
    } finally {
      await fresh.end();
    }
    expect(await done()).toEqual(['b', 'c']);
  });

  test('a value that can not be written, and nobody says so: nothing is committed without it', async () => {
    const circle: { self?: unknown } = {};
    circle.self = circle;
    const work = inTransaction(pool, async (tx) => {
      await Promise.allSettled([insert(tx, 'a'), tx.query(inserting(circle)), insert(tx, 'b')]);
    });
    await expect(work).rejects.toThrow(/Nothing was committed/);
    expect(await done()).toEqual([]);
  });

  test('who goes on when the transaction is over is refused', async () => {
    let late: Promise<unknown> = Promise.resolve();
    const work = inTransaction(pool, async (tx) => {
      const goesOn = async (): Promise<unknown> => {
        await tell(tx, 'x');
        await new Promise((resolve) => setImmediate(resolve));
        return insert(tx, 'late');
      };
      late = goesOn();
      late.catch(() => undefined);
      await divide(tx);
    });
    await expect(work).rejects.toMatchObject({ code: '22012' });
    await expect(late).rejects.toThrow('after the end of its transaction');
    expect(await done()).toEqual([]);
  });

  test('an error that nobody passes on does not look like a commit', async () => {
    const work = inTransaction(pool, async (tx) => {
      await insert(tx, 'a');
      await divide(tx).catch(() => undefined);
    });
    await expect(work).rejects.toThrow(/Nothing was committed/);
    expect(await done()).toEqual([]);
  });

  test('without BEGIN nothing is done by itself, however often it is tried', async () => {
    const client = await pool.connect();
    const statements = new GroupedStatements(client, [{ name: 'no_begin', text: 'select 1/0' }]);
    const tx = { query: (statement: never) => statements.query(statement) } as unknown as Transaction;
    const together = await Promise.allSettled([insert(tx, 'a'), insert(tx, 'b')]);
    expect(together.map(({ status }) => status)).toEqual(['rejected', 'rejected']);
    await expect(insert(tx, 'c')).rejects.toMatchObject({ code: '22012' });
    await expect(statements.query({ text: `insert into t.done values ('d')` })).rejects.toThrow();
    await expect(statements.commit()).rejects.toMatchObject({ code: '22012' });
    client.release();
    expect(await done()).toEqual([]);
  });
});

describe('a connection that Postgres ends before BEGIN', () => {
  /** Its statements are on their way when Postgres says that it ends it, and it reads none of them. */
  async function endedBefore(work: (tx: Transaction) => Promise<unknown>): Promise<unknown> {
    const { rows } = await pool.query<{ pid: number }>({ text: 'select pg_backend_pid() as pid' });
    const pid = rows[0]?.pid ?? 0;
    const other = poolAt(Number(new URL(database.adminUrl).port));
    process.kill(pid, 'SIGSTOP');
    try {
      const ended = inTransaction(pool, work, { searchPath: ['t'] });
      ended.catch(() => undefined);
      await other.query({ text: 'select pg_terminate_backend($1)', values: [pid] });
      process.kill(pid, 'SIGCONT');
      return await ended;
    } finally {
      await other.end();
    }
  }

  // By its code a consumer tries again; that its statements were skipped, which is so as well, would park the event.
  test('is told as the reason of each statement that was skipped', async () => {
    await expect(endedBefore((tx) => insert(tx, 'a'))).rejects.toMatchObject({ code: '57P01' });
    await expect(endedBefore((tx) => tx.commitWith([inserting('a')]))).rejects.toMatchObject({
      code: '57P01',
    });
    expect(await done()).toEqual([]);
  });
});

test('a connection that breaks while COMMIT is on its way leaves open whether it was done', async () => {
  const proxy = await startTcpProxy(Number(new URL(database.adminUrl).port));
  const [other, watching] = [poolAt(proxy.port), poolAt(Number(new URL(database.adminUrl).port))];
  try {
    await inTransaction(pool, async (tx) => {
      await insert(tx, 'held');
      const work = inTransaction(other, (there) => there.commitWith([inserting('held')]));
      const told = expect(work).rejects.toBeInstanceOf(CommitUnknownError);
      await waitUntil(
        async () => {
          const { rows } = await watching.query({
            text: `select from pg_stat_activity where datname = current_database() and wait_event_type = 'Lock'`,
          });
          return rows.length > 0;
        },
        { timeoutMs: 10_000, what: 'it to wait for the row' },
      );
      proxy.become('reset');
      await told;
    });
  } finally {
    await other.end();
    await watching.end();
    await proxy.close();
  }
});

test('a statement after COMMIT is refused', async () => {
  const work = inTransaction(pool, async (tx) => {
    await tx.commitWith([inserting('a')]);
    await insert(tx, 'b');
  });
  await expect(work).rejects.toThrow('after the COMMIT');
  expect(await done()).toEqual(['a']);
});
