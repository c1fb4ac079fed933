import { once } from 'node:events';
import { connect, createServer } from 'node:net';
import type { AddressInfo, Socket } from 'node:net';
import { silentLog } from '../../../src/platform/log.ts';
import { createPool } from '../../../src/platform/postgres/pool.ts';
import { inTransaction } from '../../../src/platform/postgres/transaction.ts';
import { stackValue } from '../../support/test-stack.ts';

const applicationName = `farewell-${process.pid}`;
const READY_FOR_QUERY = Buffer.from([0x5a, 0, 0, 0, 5, 0x49]);

/** Keeps "ready" back until the server has ended the connection, and passes both on in one piece. */
async function passFarewellWithReady(client: Socket, onReady: () => Promise<unknown>): Promise<void> {
  const server = connect(Number(stackValue('POSTGRES_PORT')), '127.0.0.1');
  client.on('error', () => undefined).pipe(server.on('error', () => undefined));
  let kept = Buffer.alloc(0);
  server.on('data', (data: Buffer) => {
    if (kept.length === 0 && !data.subarray(-READY_FOR_QUERY.length).equals(READY_FOR_QUERY)) {
      client.write(data);
      return;
    }
    if (kept.length === 0) void onReady();
    kept = Buffer.concat([kept, data]);
  });
  await once(server, 'end');
  client.end(kept);
}

test('a connection that is ended in the moment it is ready fails the work on it, and not the process', async () => {
  const admin = createPool({
    connectionString: stackValue('POSTGRES_ADMIN_URL'),
    applicationName: 'test',
    log: silentLog,
  });
  const endIt = () =>
    admin.query({
      text: 'select pg_terminate_backend(pid) from pg_stat_activity where application_name = $1',
      values: [applicationName],
    });
  const relay = createServer((client) => void passFarewellWithReady(client, endIt)).listen(0, '127.0.0.1');
  await once(relay, 'listening');
  const url = new URL(stackValue('POSTGRES_ADMIN_URL'));
  url.port = String((relay.address() as AddressInfo).port);
  const pool = createPool({ connectionString: url.href, applicationName, log: silentLog, max: 1 });
  try {
    await expect(inTransaction(pool, () => Promise.resolve())).rejects.toThrow(/not queryable/);
    expect(pool.totalCount).toBe(0);
  } finally {
    await pool.end();
    await admin.end();
    relay.close();
  }
});
