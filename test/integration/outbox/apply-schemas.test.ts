import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { schemaPlanLines } from '../../../src/cli/schemas/show-schema-plan.ts';
import { hasWork, type SchemaPlan } from '../../../src/events/schema-plan.ts';
import { applySchemas } from '../../../src/outbox/apply-schemas.ts';
import { readSchemaPlan, type SchemaPlace } from '../../../src/outbox/plan-schemas.ts';
import { silentLog } from '../../../src/platform/log.ts';
import { createPool, type Pool } from '../../../src/platform/postgres/pool.ts';
import { createTestDatabase, type TestDatabase } from '../../support/test-database.ts';
import { stackValue } from '../../support/test-stack.ts';
import { uniquePrefix } from '../../support/test-topics.ts';

let databases: TestDatabase[];
let orders: Pool;
let inventory: Pool;
let folder: string;
/** The registry is everybody's: each test has topics, and so subjects, of its own. */
let topic: string;

beforeAll(async () => {
  databases = [await createTestDatabase('orders'), await createTestDatabase('inventory')];
  [orders, inventory] = databases.map(({ ownerUrl }) =>
    createPool({ connectionString: ownerUrl, applicationName: 'test', log: silentLog, max: 1 }),
  ) as [Pool, Pool];
});
afterAll(async () => {
  await Promise.all([orders.end(), inventory.end()]);
  for (const database of databases) await database.drop();
});
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'schemas-'));
  topic = `${uniquePrefix()}parcels`;
  mkdirSync(join(folder, topic));
});
afterEach(() => {
  rmSync(folder, { recursive: true, force: true });
});

const parcelId = { name: 'parcelId', type: 'string', doc: 'The parcel.' };
const weight = { name: 'weightGrams', type: 'long', default: 0, doc: 'Its weight.' };

function write(version: number, fields: readonly object[]): void {
  const schema = { type: 'record', name: 'ParcelSent', namespace: 'test.parcels', fields };
  writeFileSync(join(folder, topic, `ParcelSent.v${version}.avsc`), JSON.stringify(schema, null, 2));
}

const subject = (): string => `${topic}-test.parcels.ParcelSent`;

const place = (registry = stackValue('REGISTRY_URL')): SchemaPlace => ({
  schemas: pathToFileURL(`${folder}/`),
  registry,
  databases: [
    { name: 'orders', db: orders },
    { name: 'inventory', db: inventory },
  ],
});
const apply = () => applySchemas(place());
const plan = (): Promise<SchemaPlan> => readSchemaPlan(place());

async function registry(path: string, init: RequestInit = {}): Promise<unknown> {
  const headers = { 'content-type': 'application/json' };
  return (await fetch(`${stackValue('REGISTRY_URL')}${path}`, { ...init, headers })).json();
}
const registered = (): Promise<unknown> => registry(`/subjects/${subject()}/versions`);

test('what is new is planned, applied, and then there is nothing to do', async () => {
  write(1, [parcelId]);
  expect(await plan()).toMatchObject({
    schemas: [{ state: 'new', databases: [{ name: 'orders', state: 'missing' }, { name: 'inventory' }] }],
  });
  expect(await apply()).toMatchObject([{ done: 'registered', written: ['orders', 'inventory'] }]);
  const done = await plan();
  expect(hasWork(done)).toBe(false);
  expect(done.schemas).toMatchObject([
    { state: 'registered', databases: [{ state: 'known' }, { state: 'known' }] },
  ]);
  write(2, [parcelId, weight]);
  expect(await apply()).toMatchObject([
    { version: 1, done: 'unchanged', written: [] },
    { version: 2, done: 'registered', written: ['orders', 'inventory'] },
  ]);
  expect(await registry(`/config/${subject()}`)).toEqual({ compatibilityLevel: 'BACKWARD_TRANSITIVE' });
});

test('an incompatible version is refused in our words and the registry’s, and nothing at all is registered', async () => {
  write(1, [parcelId, weight]);
  await apply();
  // v2 alone would do; v3 is what can not be.
  write(2, [parcelId, weight, { name: 'carrier', type: 'string', default: '', doc: 'Who brings it.' }]);
  write(3, [parcelId, { ...weight, type: 'int' }, { name: 'size', type: 'int', doc: 'Its size.' }]);
  const planned = await plan();
  expect(planned.schemas.map(({ state }) => state)).toEqual(['registered', 'new', 'incompatible']);
  expect(planned.schemas[2]?.problems).toMatchObject([
    { rule: 'type-narrowed', field: 'weightGrams', against: ['version 1 in the registry', 'v2'] },
    { rule: 'field-added-without-default', field: 'size' },
    { rule: 'refused-by-registry' },
  ]);
  await expect(apply()).rejects.toMatchObject({
    code: 'schema_incompatible',
    message: expect.stringMatching(
      /^Nothing was registered: ParcelSent v3, weightGrams was long and is now int/,
    ) as string,
    remedy: 'Keep long: a type may only widen.',
  });
  expect(await registered()).toEqual([1]);
});

test('another meaning that the registry would let in is refused as well', async () => {
  const at = (logicalType: string) => ({ name: 'at', type: { type: 'long', logicalType }, doc: 'When.' });
  write(1, [parcelId, at('timestamp-millis')]);
  await apply();
  write(2, [parcelId, at('timestamp-micros')]);
  await expect(apply()).rejects.toMatchObject({
    message: expect.stringContaining('was timestamp-millis and is now timestamp-micros') as string,
  });
  expect(await registered()).toEqual([1]);
});

test('an edited schema is refused, by the registry’s memory or the databases’ alone', async () => {
  write(1, [parcelId]);
  await apply();
  write(1, [{ ...parcelId, doc: 'The parcel, a UUID.' }]);
  expect(await plan()).toMatchObject({
    schemas: [
      {
        state: 'edited',
        problems: [
          {
            against: ['the registry'],
            sentence: 'was registered with another content: only its words differ (docs, aliases, defaults)',
          },
        ],
      },
    ],
  });
  await expect(apply()).rejects.toMatchObject({
    code: 'schema_edited',
    remedy: expect.stringContaining('make the change in ParcelSent.v2.avsc') as string,
  });
  expect(await registered()).toEqual([1]);

  // The registry has forgotten the subject, the databases have not.
  write(1, [parcelId, weight]);
  await registry(`/subjects/${subject()}`, { method: 'DELETE' });
  expect(await plan()).toMatchObject({
    schemas: [
      { state: 'edited', problems: [{ against: ['the database of orders', 'the database of inventory'] }] },
    ],
  });
});

test('what the registry lost is told with the id that events carry', async () => {
  write(1, [parcelId]);
  const [applied] = await apply();
  await registry(`/subjects/${subject()}`, { method: 'DELETE' });
  expect(await plan()).toMatchObject({ schemas: [{ state: 'new', lostId: applied?.schemaId }] });
});

test('a missing or other id in a database, and a laxer level, are told and mended', async () => {
  write(1, [parcelId]);
  await apply();
  const values = [subject()];
  await orders.query({ text: 'delete from pipeline.event_schemas where subject = $1', values });
  await inventory.query({
    text: 'update pipeline.event_schemas set schema_id = 99999 where subject = $1',
    values,
  });
  await registry(`/config/${subject()}`, {
    method: 'PUT',
    body: JSON.stringify({ compatibility: 'BACKWARD' }),
  });
  const found = await plan();
  expect(found).toMatchObject({
    levels: [{ subject: subject(), from: 'BACKWARD' }],
    schemas: [
      {
        databases: [
          { name: 'orders', state: 'missing' },
          { name: 'inventory', state: 'different' },
        ],
      },
    ],
  });
  const text = schemaPlanLines(found).join('\n');
  expect(text).toContain('id missing in orders; another id in inventory');
  expect(text).toContain('To do: write 2 ids into databases, set 1 compatibility levels.');
  expect(await apply()).toMatchObject([{ done: 'unchanged', written: ['orders', 'inventory'] }]);
  expect(hasWork(await plan())).toBe(false);
});

test('a version that a newer checkout registered is told and left alone', async () => {
  write(1, [parcelId]);
  write(2, [parcelId, weight]);
  await apply();
  rmSync(join(folder, topic, 'ParcelSent.v2.avsc'));
  const found = await plan();
  expect(found.strangers).toEqual([{ subject: subject(), version: 2 }]);
  expect(hasWork(found)).toBe(false);
});

test('user and password in REGISTRY_URL become basic authentication, for registering too', async () => {
  const target = new URL(stackValue('REGISTRY_URL'));
  // A registry behind a door: it lets through whoever says the password.
  const door = createServer((request, response) => {
    if (request.headers.authorization !== `Basic ${Buffer.from('ci:s%cret').toString('base64')}`) {
      response.writeHead(401, { 'content-type': 'application/json' }).end('{"message":"who are you?"}');
      return;
    }
    void forward();
    async function forward(): Promise<void> {
      const chunks: Buffer[] = [];
      for await (const chunk of request) chunks.push(chunk as Buffer);
      const answer = await fetch(new URL(request.url ?? '', target.origin), {
        method: request.method ?? 'GET',
        headers: { 'content-type': 'application/json' },
        ...(chunks.length === 0 ? {} : { body: Buffer.concat(chunks) }),
      });
      response
        .writeHead(answer.status, { 'content-type': 'application/json' })
        .end(Buffer.from(await answer.arrayBuffer()));
    }
  });
  await new Promise<void>((resolve) => door.listen(0, '127.0.0.1', resolve));
  try {
    const { port } = door.address() as AddressInfo;
    write(1, [parcelId]);
    const address = (user: string) => `http://${user}@127.0.0.1:${port}${target.pathname}`;
    expect(await applySchemas(place(address('ci:s%25cret')))).toMatchObject([{ done: 'registered' }]);
    expect(await registered()).toEqual([1]);
    const refused = await readSchemaPlan(place(address('ci:wrong'))).catch((error: unknown) => error);
    expect(refused).toMatchObject({
      code: 'registry_unreachable',
      message: expect.stringMatching(
        /^The schema registry at 127\.0\.0\.1:\d+ did not answer: .*401/,
      ) as string,
    });
  } finally {
    door.close();
  }
});
