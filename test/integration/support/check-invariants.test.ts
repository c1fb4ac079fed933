import { checkInvariants } from '../../support/invariants/check-invariants.ts';
import { invariants } from '../../support/invariants/invariants.ts';
import type { Invariant } from '../../support/invariants/invariants.ts';
import { HOLD_ANN, plantedViolations, republish } from '../../support/planted-violations.ts';
import { acknowledged, fillShopAtRest, returned } from '../../support/shop-at-rest.ts';
import { createTestDatabase } from '../../support/test-database.ts';
import type { TestDatabase } from '../../support/test-database.ts';
import { silentLog } from '../../../src/platform/log.ts';
import { createPool } from '../../../src/platform/postgres/pool.ts';
import type { Pool } from '../../../src/platform/postgres/pool.ts';

type Service = 'orders' | 'inventory' | 'sales';
const services: readonly Service[] = ['orders', 'inventory', 'sales'];

let databases: Record<Service, TestDatabase>;
/** As the superuser: what is planted here is what no service may do. */
let planters: Record<Service, Pool>;

beforeAll(async () => {
  databases = {
    orders: await createTestDatabase('orders'),
    inventory: await createTestDatabase('inventory'),
    sales: await createTestDatabase('sales'),
  };
  const planter = ({ adminUrl }: TestDatabase): Pool =>
    createPool({ connectionString: adminUrl, applicationName: 'test', log: silentLog, max: 1 });
  planters = {
    orders: planter(databases.orders),
    inventory: planter(databases.inventory),
    sales: planter(databases.sales),
  };
  await planters.inventory.query({
    text: 'alter table inventory.stock drop constraint stock_never_negative',
  });
});
afterAll(async () => {
  for (const name of services) {
    await planters[name].end();
    await databases[name].drop();
  }
});

beforeEach(() => fillShopAtRest(planters));

test('a shop in which all is well has no violation', async () => {
  expect(await checkInvariants(databases, acknowledged, [], [returned])).toEqual([]);
});

test('rows that were republished are no violation', async () => {
  for (const service of ['orders', 'inventory'] as const)
    await planters[service].query({ text: republish() });
  expect(await checkInvariants(databases, acknowledged, [], [returned])).toEqual([]);
});

test('a key that is held because a failing event was planted is no violation, its queue is not missing', async () => {
  await planters.sales.query({ text: HOLD_ANN });
  expect(await checkInvariants(databases, acknowledged, [{ consumer: 'sales', key: 'ann' }])).toEqual([]);
});

test('a key that is not held, though its failing event was planted, is found', async () => {
  expect(await checkInvariants(databases, acknowledged, [{ consumer: 'sales', key: 'ann' }])).toEqual([
    { invariant: 'held-as-planted', detail: 'ann by sales is not held' },
  ]);
});

test.each(plantedViolations)('$what is found', async ({ service, text, breaks }) => {
  await planters[service].query({ text });
  const found = await checkInvariants(databases, acknowledged, [], [returned]);
  const names = [...new Set(found.map(({ invariant }) => invariant))];
  expect(names.sort()).toEqual([...breaks].sort());
});

test('each invariant has a violation that was planted for it', () => {
  const planted = plantedViolations.map(({ breaks: [first] }) => first);
  const unproved = Object.keys(invariants).filter((name) => !planted.includes(name as Invariant));
  expect(unproved).toEqual([]);
});
