import { createLog } from '../../../src/platform/log.ts';
import type { Pool } from '../../../src/platform/postgres/pool.ts';
import { waitForDatabase } from '../../../src/platform/postgres/wait-for-database.ts';

test('a service that waits for its database says so, once', async () => {
  let tries = 0;
  const pool = {
    query: () =>
      (tries += 1) < 3 ? Promise.reject(new Error('connect ECONNREFUSED')) : Promise.resolve({ rowCount: 1 }),
  } as unknown as Pool;
  const lines: string[] = [];
  const log = createLog({ name: 'orders', env: {}, to: { write: (line) => void lines.push(line) } });
  await waitForDatabase(pool, 'ORDERS_DATABASE_URL', log);
  expect(lines.map((line) => JSON.parse(line) as object)).toMatchObject([
    { level: 40, reason: 'connect ECONNREFUSED', msg: expect.stringContaining('waiting for it') as string },
  ]);
});
