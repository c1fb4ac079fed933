import { createStack } from '../../../scripts/stack/stack.ts';
import { stopConnector } from '../../../src/operate/change/stop-connector.ts';
import { silentLog } from '../../../src/platform/log.ts';
import { createPool } from '../../../src/platform/postgres/pool.ts';
import { waitUntil } from '../../../src/platform/wait-until.ts';
import { stackValue, testStack, testStackEnv } from '../../support/test-stack.ts';
import { chosen } from '../fault.ts';
import type { Fault, Strike } from '../fault.ts';
import { healConnectors } from '../heal-connectors.ts';
import { connectorOf } from '../storm.ts';
import type { ConnectorPlace, Storm } from '../storm.ts';

type Spoil = (storm: Storm, place: ConnectorPlace, strike: Strike) => Promise<void>;

const HEALED = 'an operator runs outbox connectors heal';

/** The connector is stopped, its place in the log is spoilt, and somebody heals it. */
const lost = (name: string, what: string, spoil: Spoil): Fault => ({
  name,
  what: `${what} while its connector is stopped; ${HEALED}`,
  holdMs: [500, 4_000],
  weight: 1,
  async strike(storm, strike) {
    const place = connectorOf(storm, chosen(strike, ['orders', 'inventory']));
    const { name: connector, slot } = place;
    await stopConnector(storm.connect, connector, {
      timeoutMs: 60_000,
      slot: { db: storm.admin, name: slot },
    });
    await storm.hold(strike.holdMs);
    await spoil(storm, place, strike);
    return `${place.service}: healed ${await healConnectors(storm)}`;
  },
});

const sql = (storm: Storm, text: string, ...values: unknown[]) => storm.admin.query({ text, values });

const advance: Spoil = async (storm, { slot }) => {
  await sql(storm, 'select pg_replication_slot_advance($1, pg_current_wal_lsn())', slot);
};

const deleteOffsets: Spoil = async ({ connect }, { name }) => {
  await waitUntil(() => connect.resetOffsets(name), { timeoutMs: 30_000, what: 'the offsets to be deleted' });
};

/** To where they are now, with the slot moved on meanwhile: what Connect has stored is older than what the slot still has. */
const rewind: Spoil = async (storm, { name, slot }, { holdMs }) => {
  const earlier = await storm.connect.offsets(name);
  await storm.hold(holdMs);
  await sql(storm, 'select pg_replication_slot_advance($1, pg_current_wal_lsn())', slot);
  if (earlier.length === 0) return;
  await waitUntil(() => storm.connect.setOffsets(name, earlier), {
    timeoutMs: 30_000,
    what: 'the offsets to be set back',
  });
};

/** The server promises to keep 1 MB of log only, and much more is written; then it is as generous as ever. */
const invalidate: Spoil = async (storm, { slot }) => {
  const tiny = createStack({
    root: stackValue('TEST_STACK_ROOT'),
    env: { ...testStackEnv(), POSTGRES_MAX_SLOT_WAL_KEEP_SIZE: '1MB' },
  });
  await tiny.resource('postgres').down();
  await tiny.resource('postgres').up();
  try {
    await waitUntil(() => isLostAfterMoreLog(storm, slot), {
      timeoutMs: 60_000,
      what: 'the slot to be lost',
    });
  } finally {
    await tiny.resource('postgres').down();
    await testStack().up();
  }
};

async function isLostAfterMoreLog(storm: Storm, slot: string): Promise<boolean> {
  await sql(storm, `select pg_logical_emit_message(false, 'filler', repeat('x', 20000000))`);
  await sql(storm, 'select pg_switch_wal()');
  await sql(storm, 'checkpoint');
  const text = `select from pg_replication_slots where slot_name = $1 and wal_status = 'lost'`;
  return (await sql(storm, text, slot)).rowCount === 1;
}

const dropPublication: Fault = {
  name: 'publication-dropped',
  what: `the publication is dropped under a running connector; ${HEALED}`,
  holdMs: [500, 4_000],
  weight: 1,
  async strike(storm, strike) {
    const service = chosen(strike, ['orders', 'inventory']);
    const database = storm.pipeline.databases[service];
    await asOwner(database.ownerUrl, `drop publication ${service}_outbox`);
    await storm.hold(strike.holdMs);
    return `${service}: healed ${await healConnectors(storm)}`;
  },
};

async function asOwner(connectionString: string, text: string): Promise<void> {
  const owner = createPool({ connectionString, applicationName: 'chaos', log: silentLog, max: 1 });
  try {
    await owner.query({ text });
  } finally {
    await owner.end();
  }
}

export const positionFaults: readonly Fault[] = [
  lost('slot-dropped', 'the replication slot is dropped', async (storm, { slot }) => {
    await sql(storm, 'select pg_drop_replication_slot($1)', slot);
  }),
  lost('slot-advanced', 'the replication slot is moved past the stored offset', advance),
  lost('slot-invalidated', 'the server gives up the slot, since it held back too much log', invalidate),
  lost('offsets-deleted', 'the stored offsets are deleted', deleteOffsets),
  lost('offsets-rewound', 'the stored offsets are set back behind the slot', rewind),
  dropPublication,
];
