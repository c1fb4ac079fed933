import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { runOutbox, type Ended } from '../../support/run-outbox.ts';
import { createTestDatabase, type TestDatabase } from '../../support/test-database.ts';
import { testStackEnv } from '../../support/test-stack.ts';
import { uniquePrefix } from '../../support/test-topics.ts';

let orders: TestDatabase;
let inventory: TestDatabase;
let folder: string;
/** The registry is everybody's: each test has topics, and so subjects, of its own. */
let topic: string;

beforeAll(async () => {
  orders = await createTestDatabase('orders');
  inventory = await createTestDatabase('inventory');
});
afterAll(async () => {
  await orders.drop();
  await inventory.drop();
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

function write(version: number, fields: readonly object[]): void {
  const schema = { type: 'record', name: 'ParcelSent', namespace: 'test.parcels', fields };
  writeFileSync(join(folder, topic, `ParcelSent.v${version}.avsc`), JSON.stringify(schema, null, 2));
}

function schemas(words: readonly string[], env: Record<string, string> = {}): Promise<Ended> {
  return runOutbox(['schemas', ...words, '--dir', folder], {
    ...testStackEnv(),
    ORDERS_OWNER_DATABASE_URL: orders.ownerUrl,
    ORDERS_OPS_DATABASE_URL: orders.opsUrl,
    INVENTORY_OWNER_DATABASE_URL: inventory.ownerUrl,
    INVENTORY_OPS_DATABASE_URL: inventory.opsUrl,
    PATH: process.env['PATH'] ?? '',
    ...env,
  });
}

test('plan, apply, plan: something to do, done, nothing to do; then an edited schema is refused', async () => {
  write(1, [parcelId]);
  const before = await schemas(['plan']);
  expect(before).toMatchObject({ code: 1, stderr: '' });
  expect(before.stdout).toContain('/ParcelSent v1  new');
  expect(before.stdout).toContain(
    'To do: register 1, write 2 ids into databases. Run: npx outbox schemas apply',
  );
  const applied = await schemas(['apply']);
  expect(applied).toMatchObject({ code: 0, stderr: '' });
  expect(applied.stdout).toMatch(/ParcelSent +│ 1 +│ \d+ +│ registered/);
  const after = await schemas(['plan', '--json']);
  expect(after.code).toBe(0);
  expect(JSON.parse(after.stdout)).toMatchObject({ nothingToDo: true, schemas: [{ state: 'registered' }] });

  write(1, [{ ...parcelId, type: 'long' }]);
  write(2, [{ ...parcelId, type: 'long' }]);
  const refused = await schemas(['apply']);
  expect(refused.code).toBe(1);
  expect(refused.stderr).toMatch(
    /^Nothing was registered: ParcelSent v1 was registered with another content: its types differ \(and 1 more\)\. Put/,
  );
  expect(refused.stdout).toContain('parcelId was string and is now long');
});

test('who can not be reached is said in a sentence, with exit code 3', async () => {
  write(1, [parcelId]);
  const noRegistry = await schemas(['plan'], {
    REGISTRY_URL: 'http://user:secret@127.0.0.1:10/apis/ccompat/v7',
  });
  expect(noRegistry).toMatchObject({ code: 3, stdout: '' });
  expect(noRegistry.stderr).toMatch(
    /^The schema registry at 127\.0\.0\.1:10 did not answer: ECONNREFUSED\. Start it/,
  );
  const noDatabase = await schemas(['plan'], {
    ORDERS_OPS_DATABASE_URL: 'postgres://orders_ops:x@127.0.0.1:10/orders',
  });
  expect(noDatabase).toMatchObject({ code: 3, stdout: '' });
  expect(noDatabase.stderr).toMatch(/^The database of orders did not answer: /);
  expect(await schemas(['plan'], { REGISTRY_URL: '' })).toMatchObject({ code: 2 });
});
