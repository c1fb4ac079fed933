import { setTimeout as delay } from 'node:timers/promises';
import { silentLog } from '../../../src/platform/log.ts';
import { createPool } from '../../../src/platform/postgres/pool.ts';
import { comeToRest } from '../../chaos/come-to-rest.ts';
import type { Fault } from '../../chaos/fault.ts';
import { faults } from '../../chaos/faults.ts';
import type { OpenStorm } from '../../chaos/open-storm.ts';
import { runStorm } from '../../chaos/run-storm.ts';
import { startStormLoad } from '../../chaos/storm-load.ts';
import { faultInvariants } from '../../support/invariants/invariants.ts';
import type { Invariant, Violation } from '../../support/invariants/invariants.ts';
import { fillShopAtRest } from '../../support/shop-at-rest.ts';
import { freePort } from '../../support/tcp-proxy.ts';
import { createTestDatabase } from '../../support/test-database.ts';
import type { TestDatabase } from '../../support/test-database.ts';
import type { ServiceName, TestPipeline } from '../../support/test-pipeline.ts';
import { uniquePrefix } from '../../support/test-topics.ts';

const services = ['orders', 'inventory', 'sales'] as const;
let databases: Record<ServiceName, TestDatabase>;

beforeAll(async () => {
  databases = {
    orders: await createTestDatabase('orders'),
    inventory: await createTestDatabase('inventory'),
    sales: await createTestDatabase('sales'),
  };
});
afterAll(async () => {
  for (const name of services) await databases[name].drop();
});
const planter = (name: ServiceName) =>
  createPool({
    connectionString: databases[name].adminUrl,
    applicationName: 'test',
    log: silentLog,
    max: 1,
  });
beforeEach(async () => {
  const planters = {
    orders: planter('orders'),
    inventory: planter('inventory'),
    sales: planter('sales'),
  };
  await fillShopAtRest(planters);
  for (const name of services) await planters[name].end();
});

/** The verdicts that were proved to be able to fail. */
const proved = new Set<Invariant>();
function expectFound(found: readonly Violation[], expected: Invariant): void {
  expect(new Set(found.map(({ invariant }) => invariant))).toEqual(new Set([expected]));
  proved.add(expected);
}

const ended = (code: number, stdout = '') => Promise.resolve({ code, stdout, stderr: '' });

/** A storm over a shop in which all is well, whose services and commands are what a test makes them. */
function stormOf(changes: {
  readonly load?: OpenStorm['load'];
  readonly outbox?: OpenStorm['commands']['outbox'];
  readonly pipeline?: Partial<TestPipeline>;
}): OpenStorm {
  const storm: Partial<OpenStorm> = {
    pipeline: {
      topicPrefix: uniquePrefix(),
      databases,
      connectors: [],
      service: () => ({ url: 'http://127.0.0.1:1' }),
      restart: () => Promise.resolve(),
      ...changes.pipeline,
    } as unknown as TestPipeline,
    load: changes.load ?? ({ ...quietLoad, internalErrors: [] } as unknown as OpenStorm['load']),
    commands: { outbox: changes.outbox ?? (() => ended(0)) } as unknown as OpenStorm['commands'],
    found: [],
    signal: new AbortController().signal,
    hold: () => delay(0),
    stopWatching: () => Promise.resolve(),
  };
  return storm as OpenStorm;
}

const quietLoad = { open: 0, counts: {}, finish: () => Promise.resolve() };

const restOf = async (storm: OpenStorm): Promise<readonly Violation[]> => {
  await comeToRest(storm, 1_000);
  return storm.found;
};

test('a shop at rest comes to rest', async () => {
  expect(await restOf(stormOf({}))).toEqual([]);
});

test('a request that nobody answers is found', async () => {
  const nobody = `http://127.0.0.1:${await freePort()}`;
  const pipeline = { service: () => ({ url: nobody }) } as unknown as TestPipeline;
  const load = startStormLoad(pipeline, { seed: 1, ordersPerSecond: 50 });
  while (load.open === 0) await delay(10);
  expectFound(await restOf(stormOf({ load })), 'all-answered');
});

test('an answer of 500 is found', async () => {
  const load = { ...quietLoad, internalErrors: ['POST /orders: status 500'] } as unknown as OpenStorm['load'];
  expectFound(await restOf(stormOf({ load })), 'no-internal-error');
});

test.each(['connectors', 'audit'])('%s that the command line can not put right are found', async (noun) => {
  const outbox = ([first]: readonly string[]) => ended(first === noun ? 1 : 0);
  expectFound(await restOf(stormOf({ outbox })), 'comes-to-rest');
});

test('an event that a consumer never applies is found', async () => {
  const sales = planter('sales');
  await sales.query({
    text: 'delete from pipeline.processed_events where event_id = (select event_id from pipeline.processed_events limit 1)',
  });
  await sales.end();
  expectFound(await restOf(stormOf({})), 'comes-to-rest');
});

const struck = async (storm: OpenStorm, fault: Fault): Promise<readonly Violation[]> => {
  await runStorm(storm, [{ number: 1, fault, pauseMs: 0, holdMs: 0, choice: 0 }], () => undefined);
  return storm.found;
};

test('a fault that can not be made good is found', async () => {
  const fault: Fault = {
    name: 'for-good',
    what: 'breaks and stays broken',
    holdMs: [0, 0],
    weight: 1,
    strike: () => Promise.reject(new Error('it stays broken')),
  };
  expectFound(await struck(stormOf({}), fault), 'fault-mended');
});

test.each([
  ['ends with another code than 0', 1, 0],
  ['costs a request', 0, 1],
])('a rolling restart that %s is found', async (_, code, failed) => {
  const fault = faults.find(({ name }) => name === 'rolling-restart-orders') as Fault;
  const counts = { retries: 0 };
  const end = (): Promise<number> => {
    counts.retries += failed;
    return Promise.resolve(code);
  };
  const pipeline = { replace: () => Promise.resolve({ end }) } as unknown as Partial<TestPipeline>;
  const load = { open: 0, counts } as unknown as OpenStorm['load'];
  expectFound(await struck(stormOf({ pipeline, load }), fault), 'restart-unseen');
});

test('each verdict of a storm has a violation that was planted for it', () => {
  expect(Object.keys(faultInvariants).filter((name) => !proved.has(name as Invariant))).toEqual([]);
});
