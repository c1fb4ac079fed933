import { DAYS_AHEAD, KEEP_DAYS } from '../../../src/consumer/event-horizon.ts';
import { maintainProcessedEvents } from '../../../src/consumer/maintain-processed-events.ts';
import { silentLog } from '../../../src/platform/log.ts';
import { createPool } from '../../../src/platform/postgres/pool.ts';
import type { Pool } from '../../../src/platform/postgres/pool.ts';
import { createTallyDatabase } from '../../support/tally-consumer.ts';
import type { TestDatabase } from '../../support/test-database.ts';

let database: TestDatabase;
let owner: Pool;
beforeEach(async () => {
  database = await createTallyDatabase();
  owner = createPool({
    connectionString: database.ownerUrl,
    applicationName: 'test',
    log: silentLog,
    max: 2,
  });
});
afterEach(async () => {
  await owner.end();
  await database.drop();
});

async function days(): Promise<string[]> {
  const { rows } = await owner.query<{ day: string }>({
    text: `select right(inhrelid::regclass::text, 8) as day from pg_inherits
           where inhparent = 'pipeline.processed_events'::regclass order by 1`,
  });
  return rows.map(({ day }) => day);
}

const dayFromNow = (offset: number): string =>
  new Date(Date.now() + offset * 86_400_000).toISOString().slice(0, 10).replaceAll('-', '');

describe('maintaining processed_events', () => {
  test('leaves a fresh database as the migration made it: the horizon behind, a week ahead', async () => {
    expect(await maintainProcessedEvents(database.pool)).toEqual({ made: 0, dropped: 0, leftForLater: 0 });
    const made = await days();
    expect(made).toHaveLength(KEEP_DAYS + 1 + DAYS_AHEAD);
    expect([made[0], made.at(-1)]).toEqual([dayFromNow(-KEEP_DAYS), dayFromNow(DAYS_AHEAD)]);
  });

  test('makes the days that are missing and drops those past the horizon, as the service', async () => {
    expect(await maintainProcessedEvents(database.pool, { keep: 3, ahead: 9 })).toEqual({
      made: 2,
      dropped: KEEP_DAYS - 3,
      leftForLater: 0,
    });
    const left = await days();
    expect([left[0], left.at(-1)]).toEqual([dayFromNow(-3), dayFromNow(9)]);
  });

  test('puts an event of every kept day where it belongs, at the edges of the day too', async () => {
    const { rows } = await database.pool.query<{ partition: string; day: string }>({
      text: `insert into pipeline.processed_events
             select 'edges', (left(pipeline.uuid_floor(at)::text, 14) || '7fff-bfff-ffffffffffff')::uuid, 'x', 't', 'k', 0, 0, now()
             from generate_series(date_trunc('day', now(), 'UTC') - interval '29 days', now() + interval '6 days', interval '1 day') as day,
                  lateral (values (day), (day + interval '1 day' - interval '1 millisecond')) as edge (at)
             returning right(tableoid::regclass::text, 8) as partition,
                       to_char(uuid_extract_timestamp(event_id) at time zone 'UTC', 'YYYYMMDD') as day`,
    });
    expect(rows).toHaveLength(2 * 36);
    expect(rows.filter(({ partition, day }) => partition !== day)).toEqual([]);
  });

  test('lets running batches go on while it makes days, and leaves a day in use for later', async () => {
    const batch = await owner.connect();
    await batch.query('begin');
    await batch.query('lock table pipeline.processed_events in row exclusive mode');
    const done = await maintainProcessedEvents(database.pool, { keep: KEEP_DAYS - 1, ahead: 9 });
    expect(done).toEqual({ made: 2, dropped: 0, leftForLater: 1 });
    await batch.query('rollback');
    batch.release();
    expect(await maintainProcessedEvents(database.pool, { keep: KEEP_DAYS - 1, ahead: 9 })).toEqual({
      made: 0,
      dropped: 1,
      leftForLater: 0,
    });
  });

  test('may be called by several processes at once', async () => {
    const all = await Promise.all(
      Array.from({ length: 4 }, () =>
        maintainProcessedEvents(database.pool, { keep: KEEP_DAYS - 2, ahead: 8 }),
      ),
    );
    expect(all.reduce((sum, { made }) => sum + made, 0)).toBe(1);
    expect(all.reduce((sum, { dropped }) => sum + dropped, 0)).toBe(2);
  });
});
