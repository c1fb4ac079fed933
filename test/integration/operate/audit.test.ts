import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { createAuditedShop, type AuditedShop } from '../../support/audited-shop.ts';
import { waitUntil } from '../../../src/platform/wait-until.ts';

interface Missing {
  readonly eventId: string;
  readonly rowId: string;
  readonly topic: string;
  readonly key: string;
  readonly keySeq: number;
  readonly consumer: string;
  readonly state: string;
  readonly hop: string;
  readonly notRepaired?: string;
}

interface Audited {
  readonly code: number;
  readonly verdict: string;
  readonly outboxes: readonly {
    readonly service: string;
    readonly rows: number;
    readonly through: string;
    readonly doubt?: string;
    readonly heldBackSince?: string;
    readonly readers: readonly {
      readonly consumer: string;
      readonly expected: number;
      readonly fates: Readonly<Record<string, number>>;
      readonly states: Readonly<Record<string, number>>;
    }[];
    readonly missing: readonly Missing[];
    readonly repaired: readonly { readonly eventId: string; readonly rowId: string }[];
  }[];
  readonly problems: readonly { readonly service: string; readonly reason: string }[];
}

let shop: AuditedShop;
/** Records that the topic should hold. */
let said = 0;

beforeAll(async () => {
  shop = await createAuditedShop();
  await shop.startConsumer();
});
afterAll(() => shop.close());

const say = async (count: number, key: string): Promise<string[]> => {
  said += count;
  return shop.outbox.append(count, key);
};

async function audit(words: readonly string[] = [], env: Record<string, string> = {}): Promise<Audited> {
  const { code, stdout, stderr } = await shop.audit(['--json', '--older-than', '1ms', ...words], env);
  if (stdout === '') throw new Error(stderr);
  return { code, ...(JSON.parse(stdout) as Omit<Audited, 'code'>) };
}

const ofOrders = ({ outboxes }: Audited) => {
  const [orders] = outboxes.filter(({ service }) => service === 'orders');
  if (orders === undefined) throw new Error('There is no report of orders.');
  return orders;
};

/** What is missing of one key: a test that failed before must not fail all others. */
const missingOf = (audited: Audited, key: string): readonly Missing[] =>
  ofOrders(audited).missing.filter((event) => event.key === key);

async function count(table: string): Promise<number> {
  const { rows } = await shop.outbox.admin.query<{ count: number }>({
    text: `select count(*) from ${table}`,
  });
  return rows[0]?.count ?? -1;
}

/** Waits for the audit that ends so: positions and slot are confirmed every few seconds only. */
async function auditedAs(verdict: string, words: readonly string[] = []): Promise<Audited> {
  return waitUntil(
    async () => {
      const audited = await audit(words);
      return audited.verdict === verdict ? audited : undefined;
    },
    { timeoutMs: 60_000, what: `the audit to say ${verdict}` },
  );
}

test('proves that every event was applied', async () => {
  for (const key of ['ann', 'bob', 'cid']) await say(10, key);
  await shop.appliedIs('cid', [1, 2, 3, 4, 5, 6, 7, 8, 9, 10]);
  const audited = await auditedAs('proven');
  expect(audited).toMatchObject({ code: 0, problems: [] });
  expect(ofOrders(audited)).toMatchObject({
    rows: 30,
    missing: [],
    readers: [{ consumer: 'counter', expected: 30, fates: { applied: 30, ignored: 0, parked: 0 } }],
  });
  // A single audit must not begin what would keep the rows for ever.
  expect(await count('pipeline.outbox_audit')).toBe(0);
});

test('what the consumer has not read yet is late, and not repaired', async () => {
  const key = 'late at the consumer';
  await shop.stopConsumer();
  const [eventId] = await say(1, key);
  await shop.inTopic(said);
  const audited = await audit(['--repair', '--wait', '15s']);
  await shop.startConsumer();
  expect(audited).toMatchObject({ code: 1, verdict: 'late' });
  expect(missingOf(audited, key)).toMatchObject([
    { eventId, topic: 'orders.events', keySeq: 1, consumer: 'counter', state: 'late', hop: 'position' },
  ]);
  expect(await count('pipeline.outbox_repairs')).toBe(0);
  await shop.appliedIs(key, [1]);
});

test('what Debezium has not read yet is late, and not repaired', async () => {
  const key = 'late at the slot';
  const { client, connector } = shop.outbox;
  await client.stop(connector.name);
  await waitUntil(async () => (await client.status(connector.name))?.connector.state === 'STOPPED', {
    timeoutMs: 60_000,
    what: 'the connector to be stopped',
  });
  const [eventId] = await say(1, key);
  const audited = await audit(['--repair', '--wait', '2s']);
  await client.resume(connector.name);
  expect(audited).toMatchObject({ code: 1, verdict: 'late' });
  expect(missingOf(audited, key)).toMatchObject([{ eventId, state: 'late', hop: 'slot' }]);
  expect(await count('pipeline.outbox_repairs')).toBe(0);
  await shop.appliedIs(key, [1]);
});

test('an event that the consumer read past is named, said again, and applied once', async () => {
  await shop.stopConsumer();
  const key = 'lost at the consumer';
  const [eventId = ''] = await say(1, key);
  await shop.inTopic(said);
  await shop.skipToEnd();
  await shop.startConsumer();
  const lost = await audit();
  expect(lost).toMatchObject({ code: 1, verdict: 'missing' });
  expect(missingOf(lost, key)).toMatchObject([{ eventId, keySeq: 1, state: 'lost', hop: 'consumer' }]);
  expect(ofOrders(lost).repaired).toEqual([]);

  const mended = await audit(['--repair']);
  expect(ofOrders(mended).repaired).toMatchObject([{ eventId }]);
  said += 1;
  await shop.appliedIs('lost at the consumer', [1]);
  // While it was under way, and now that it has come, nobody says it a second time.
  expect(ofOrders(await auditedAs('proven', ['--repair'])).repaired).toEqual([]);
  expect(await shop.applied('lost at the consumer')).toEqual([1]);
  const { rows } = await shop.outbox.admin.query({
    text: `
      select count(distinct id) as rows, count(distinct (key_seq, payload, schema_fingerprint, occurred_at, aggregate_id)) as contents,
             max(lost_by) as lost_by, max(repaired_by) <> '' as by_somebody
      from pipeline.outbox left join pipeline.outbox_repairs on row_id = id where outbox.event_id = $1`,
    values: [eventId],
  });
  expect(rows).toEqual([{ rows: 2, contents: 1, lost_by: 'counter', by_somebody: true }]);
});

test('an event that Debezium passed over is named and said again', async () => {
  const publication = shop.outbox.connector.config['publication.name'] ?? '';
  await shop.outbox.admin.query({ text: `alter publication ${publication} set (publish = '')` });
  const [eventId] = await say(1, 'lost before the topic');
  await shop.outbox.admin.query({ text: `alter publication ${publication} set (publish = 'insert')` });
  const lost = await audit();
  expect(missingOf(lost, 'lost before the topic')).toMatchObject([{ eventId, state: 'lost', hop: 'topic' }]);
  expect(ofOrders(await audit(['--repair'])).repaired).toMatchObject([{ eventId }]);
  await shop.appliedIs('lost before the topic', [1]);
});

test('a key that waits for a lost event goes on by itself when it is repaired', async () => {
  const key = 'waiting';
  await say(1, key);
  await shop.appliedIs(key, [1]);
  await shop.stopConsumer();
  const [eventId] = await say(1, key);
  await shop.inTopic(said);
  await shop.skipToEnd();
  await shop.startConsumer();
  await say(2, key);
  const queued = async (): Promise<boolean> =>
    (
      await shop.readerAdmin.query({
        text: 'select from pipeline.parked_events where key = $1',
        values: [key],
      })
    ).rowCount === 2;
  await waitUntil(queued, { timeoutMs: 60_000, what: 'later events of the key to be queued' });
  const audited = await audit(['--repair']);
  // What waits in the queue is not missing.
  expect(missingOf(audited, key)).toMatchObject([{ eventId, keySeq: 2, state: 'lost', hop: 'consumer' }]);
  expect(ofOrders(audited)).toMatchObject({ readers: [{ fates: { parked: 2 } }], repaired: [{ eventId }] });
  said += 1;
  await shop.appliedIs(key, [1, 2, 3, 4]);
});

test('an event that its key has gone past is named, and never said again: the consumer would stop', async () => {
  const [eventId] = await say(1, 'overtaken');
  await shop.appliedIs('overtaken', [1]);
  await shop.readerAdmin.query({
    text: 'delete from pipeline.processed_events where event_id = $1',
    values: [eventId],
  });
  const audited = await audit(['--repair']);
  expect(audited).toMatchObject({ code: 1, verdict: 'missing' });
  expect(ofOrders(audited)).toMatchObject({
    missing: [
      { eventId, state: 'lost', hop: 'consumer', notRepaired: expect.stringContaining('counter') as string },
    ],
    repaired: [],
  });
  await shop.readerAdmin.query({
    text: `insert into pipeline.processed_events values ('counter', $1, 'counted', 'orders.events', 'overtaken', 0, 0, now())`,
    values: [eventId],
  });
});

test('rows behind an open transaction are left for later: its own may still appear before them', async () => {
  const client = await shop.outbox.admin.connect();
  try {
    await client.query('begin; select pg_current_xact_id()');
    await say(1, 'behind');
    await shop.appliedIs('behind', [1]);
    const audited = await audit();
    expect(ofOrders(audited).heldBackSince).toEqual(expect.any(String));
    const before = ofOrders(audited).rows;
    await client.query('commit');
    expect(ofOrders(await audit()).rows).toBe(before + 1);
  } finally {
    client.release();
  }
});

test('says what it can not reach, exits with 3, and proves nothing then', async () => {
  const nobody = shop.reader.auditUrl.replace(/@[^/]+/, '@127.0.0.1:9');
  const audited = await audit([], { SALES_AUDIT_DATABASE_URL: nobody });
  expect(audited).toMatchObject({ code: 3, verdict: 'unreachable', problems: [{ service: 'sales' }] });
});

test('with --every it goes on, moves its mark, and ends at once when told to', async () => {
  const lines: { level: number; msg: string; problems?: string[] }[] = [];
  const child = shop.startAudit(['--every', '300ms', '--older-than', '1ms']);
  const exited = once(child, 'exit');
  createInterface({ input: child.stdout as NodeJS.ReadableStream }).on('line', (line) =>
    lines.push(JSON.parse(line) as (typeof lines)[number]),
  );
  await waitUntil(() => lines.length >= 3, { timeoutMs: 30_000, what: 'three rounds' });
  await say(2, 'marked');
  const isPast = async (): Promise<boolean> => {
    const { rows } = await shop.outbox.admin.query<{ past: boolean }>({
      text: `select audited_through > (select id from pipeline.outbox order by id desc limit 1) as past from pipeline.outbox_audit`,
    });
    return rows[0]?.past === true;
  };
  await waitUntil(isPast, { timeoutMs: 30_000, what: 'the mark to be past the newest row' });
  expect(lines.at(-1)).toMatchObject({ level: 30, msg: 'Every event has arrived where it must.' });
  child.kill('SIGTERM');
  expect(await exited).toEqual([0, null]);
  // What is proven is not looked at again.
  expect(ofOrders(await audit()).rows).toBe(0);
});

test('with --every it lives on while a database is away', async () => {
  const lines: { problems?: string[] }[] = [];
  const nobody = shop.outbox.database.auditUrl.replace(/@[^/]+/, '@127.0.0.1:9');
  const child = shop.startAudit(['--every', '300ms'], { ORDERS_AUDIT_DATABASE_URL: nobody });
  const exited = once(child, 'exit');
  createInterface({ input: child.stdout as NodeJS.ReadableStream }).on('line', (line) =>
    lines.push(JSON.parse(line) as (typeof lines)[number]),
  );
  await waitUntil(() => lines.length >= 3, { timeoutMs: 30_000, what: 'three rounds' });
  expect(lines.every(({ problems }) => problems?.some((text) => text.startsWith('orders: ')))).toBe(true);
  child.kill('SIGTERM');
  expect(await exited).toEqual([0, null]);
});
