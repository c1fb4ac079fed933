import { derivedAddresses, localEnv } from '../../scripts/local-env.ts';
import { freePorts } from '../../scripts/stack/free-ports.ts';
import { postgres } from '../../scripts/stack/postgres.ts';
import { waitUntil } from '../../src/platform/wait-until.ts';
import { keepWatching, type Watching } from '../chaos/keep-watching.ts';
import { startStormLoad, type StormLoad } from '../chaos/storm-load.ts';
import { allEventsApplied } from '../support/all-events-applied.ts';
import { checkInvariants } from '../support/invariants/check-invariants.ts';
import { startOwnStack, stopOwnStack } from '../support/own-stack.ts';
import { commandsOf, type PipelineCommands } from '../support/pipeline-commands.ts';
import { asSuperuser, firstServer, killServer, type PostgresServer } from '../support/postgres-server.ts';
import type { Ended } from '../support/run-outbox.ts';
import { loadStock } from '../support/shop-load.ts';
import { shopOf } from '../support/shop.ts';
import { promote, slotsAreSynced, startStandby, waitForStandby } from '../support/standby.ts';
import { startTcpProxy, type TcpProxy } from '../support/tcp-proxy.ts';
import { startTestPipeline, type TestPipeline } from '../support/test-pipeline.ts';

// One pipeline whose database fails over twice: to a standby of the first server, then to a standby of that one.
/** On a busy machine; alone each takes a fraction of it. */
const WITHIN_MS = 240_000;
const TEST_WITHIN_MS = 900_000;

/** The database's address, which moves from server to server: all but the servers themselves go through it. */
let address: TcpProxy;
let pipeline: TestPipeline;
let commands: PipelineCommands;
let watching: Watching;
let standby: PostgresServer;
const standbys: PostgresServer[] = [];
const loads: StormLoad[] = [];

beforeAll(async () => {
  const ports = await freePorts();
  address = await startTcpProxy(Number(ports.POSTGRES_PORT));
  const moving = { ...ports, POSTGRES_PORT: String(address.port) };
  await startOwnStack('test', {
    ...ports,
    ...derivedAddresses({ ...localEnv(), ...moving }),
    REGISTRY_DB_PORT: moving.POSTGRES_PORT,
  });
  standby = await startStandby(firstServer(), { name: 'standby', syncSlots: true });
  standbys.push(standby);
  await waitForStandby(firstServer(), 'standby');
  pipeline = await startTestPipeline();
  commands = commandsOf(pipeline);
  const shop = shopOf(pipeline);
  for (const [sku, onHand] of Object.entries(loadStock)) await shop.setStock(sku, onHand);
  watching = keepWatching(commands);
}, TEST_WITHIN_MS);
afterAll(async () => {
  await watching.stop();
  // Broken off: whoever still waits for an answer waits no longer.
  for (const load of loads) await load.finish(0).catch(() => undefined);
  await pipeline.stop();
  commands.close();
  for (const { context } of standbys) await postgres(context).down();
  await stopOwnStack();
  await address.close();
}, TEST_WITHIN_MS);

async function orders(seed: number): Promise<StormLoad> {
  const load = startStormLoad(pipeline, { seed, ordersPerSecond: 15 });
  loads.push(load);
  await moreAnswered(load);
  return load;
}

function moreAnswered(load: StormLoad): Promise<boolean> {
  const goal = load.counts.orders + 30;
  return waitUntil(() => load.counts.orders >= goal, {
    timeoutMs: WITHIN_MS,
    what: '30 more orders answered',
  });
}

/** Of a command that may have to wait for what is on its way. */
function until(words: readonly string[], isSo: (ended: Ended) => boolean): Promise<Ended> {
  return waitUntil(
    async () => {
      const ended = await commands.outbox(words);
      if (!isSo(ended)) throw new Error(`ended with ${ended.code}: ${ended.stdout} ${ended.stderr}`);
      return ended;
    },
    { timeoutMs: WITHIN_MS, everyMs: 1_000, what: `outbox ${words.join(' ')}` },
  );
}

/** `status` notes the server of a healthy connector, as `watch` does. */
const seenHealthy = (): Promise<Ended> => until(['connectors', 'status'], ({ code }) => code === 0);

/** The primary never comes back. Its address leads to the standby afterwards. */
async function failOver(primary: PostgresServer, to: PostgresServer): Promise<void> {
  await killServer(primary);
  await promote(to);
  address.leadTo(to.port);
}

async function expectNothingLostOrDoubled(): Promise<void> {
  for (const load of loads) await load.finish(WITHIN_MS);
  await allEventsApplied(pipeline, WITHIN_MS);
  const acknowledged = loads.flatMap((load) => load.acknowledged);
  const returned = loads.flatMap((load) => load.returned);
  expect(await checkInvariants(pipeline.databases, acknowledged, [], returned)).toEqual([]);
}

const slotNames = (): string[] => pipeline.connectors.map(({ config }) => config['slot.name'] ?? '');

/** How many of the connectors' slots on this server came from the one before. */
function syncedSlots(server: PostgresServer): Promise<number | null> {
  const text = 'select from pg_replication_slots where slot_name = any($1) and failover and synced';
  return asSuperuser(server, async (session) => (await session.query(text, [slotNames()])).rowCount);
}

test(
  'a standby with synced slots takes over: connectors go on from them by themselves, and nothing is lost',
  async () => {
    const load = await orders(1);
    await slotsAreSynced(standby, slotNames());
    await seenHealthy();
    await failOver(firstServer(), standby);
    await moreAnswered(load);
    await expectNothingLostOrDoubled();
    expect(await syncedSlots(standby)).toBe(slotNames().length);
    await seenHealthy();
  },
  TEST_WITHIN_MS,
);

test(
  'a standby without slots takes over: that is said until the connectors are healed, and nothing is lost',
  async () => {
    const second = await startStandby(standby, { name: 'second', syncSlots: false });
    standbys.push(second);
    await waitForStandby(standby, 'second');
    const load = await orders(2);
    await seenHealthy();
    await failOver(standby, second);
    await moreAnswered(load);
    const promoted = /promoted or restored since the connector was last seen healthy/;
    await until(
      ['connectors', 'status'],
      ({ code, stdout }) => code === 1 && promoted.test(stdout.replace(/\s+/g, ' ')),
    );
    // Debezium has made them anew and says every retained row again: it can't know whether that was enough.
    expect(await syncedSlots(second)).toBe(0);
    await until(['connectors', 'heal', '--timeout', '120s'], ({ code }) => code === 0);
    await expectNothingLostOrDoubled();
    await seenHealthy();
  },
  TEST_WITHIN_MS,
);
