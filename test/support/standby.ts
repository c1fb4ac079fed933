import { appendFile, writeFile } from 'node:fs/promises';
import { postgres } from '../../scripts/stack/postgres.ts';
import { postgresHome, type PostgresHome } from '../../scripts/stack/postgres-home.ts';
import { waitUntil } from '../../src/platform/wait-until.ts';
import { baseBackup, ownedBy } from './base-backup.ts';
import { asSuperuser, serverIn, type PostgresServer } from './postgres-server.ts';
import { freePort } from './tcp-proxy.ts';

export interface StandbyOptions {
  /** Of the standby, its slot on the primary and its folder. */
  readonly name: string;
  /** Whether it keeps copies of the primary's failover slots. */
  readonly syncSlots: boolean;
}

/** A hot standby that follows the primary through a slot of its own. */
export async function startStandby(
  primary: PostgresServer,
  options: StandbyOptions,
): Promise<PostgresServer> {
  const standby = serverIn(options.name, await freePort());
  const home = await postgresHome(standby.context);
  const { data } = await postgresHome(primary.context);
  await asSuperuser(primary, async (session) => {
    await session.query('select pg_create_physical_replication_slot($1, true)', [options.name]);
    await baseBackup(session, data, home);
  });
  await follow(primary, home, options);
  await postgres(standby.context).up();
  await asSuperuser(primary, (session) =>
    waitUntil(
      async () => {
        const text = `select from pg_stat_replication where application_name = $1 and state = 'streaming'`;
        return (await session.query(text, [options.name])).rowCount === 1;
      },
      { timeoutMs: 30_000, what: `${options.name} to follow the primary` },
    ),
  );
  return standby;
}

/** The later line of a setting wins, over what was copied. */
async function follow(
  { port, context }: PostgresServer,
  home: PostgresHome,
  options: StandbyOptions,
): Promise<void> {
  const password = context.env['POSTGRES_PASSWORD'] ?? '';
  const settings = {
    // Without dbname the slots are not copied.
    primary_conninfo: `host=127.0.0.1 port=${port} user=postgres password=${password} dbname=postgres application_name=${options.name}`,
    primary_slot_name: options.name,
    hot_standby_feedback: 'on',
    sync_replication_slots: options.syncSlots ? 'on' : 'off',
    // Promoted, it would wait for itself.
    synchronous_standby_names: '',
    synchronized_standby_slots: '',
  };
  const lines = Object.entries(settings).map(
    ([name, value]) => `${name} = '${value.replaceAll("'", "''")}'\n`,
  );
  await ownedBy(home, 'postgresql.auto.conf', (file) => appendFile(file, lines.join('')));
  await ownedBy(home, 'standby.signal', (file) => writeFile(file, ''));
}

/** From now on a commit is acknowledged, and a failover slot's reader told of it, only when this standby has it. */
export function waitForStandby(primary: PostgresServer, name: string): Promise<void> {
  return asSuperuser(primary, async (session) => {
    await session.query(`alter system set synchronous_standby_names = '${name}'`);
    await session.query(`alter system set synchronized_standby_slots = '${name}'`);
    await session.query('select pg_reload_conf()');
  });
}

/** Waits until the standby could take these slots over. */
export function slotsAreSynced(standby: PostgresServer, slots: readonly string[]): Promise<void> {
  return asSuperuser(standby, async (session) => {
    const text =
      'select from pg_replication_slots where slot_name = any($1) and failover and synced and not temporary';
    await waitUntil(async () => (await session.query(text, [slots])).rowCount === slots.length, {
      timeoutMs: 60_000,
      what: `${slots.join(', ')} to be synced`,
    });
  });
}

export function promote(standby: PostgresServer): Promise<void> {
  return asSuperuser(standby, async (session) => {
    await session.query('select pg_promote(true, 30)');
  });
}
