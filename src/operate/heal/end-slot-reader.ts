import { readReplicationSlot } from '../../connect/replication-slot.ts';
import { PipelineError } from '../../platform/errors.ts';
import type { Queryable } from '../../platform/postgres/statement.ts';
import { waitUntil } from '../../platform/wait-until.ts';

/**
 * Asks whether this role may end who reads the slot, before anything else is touched.
 * @throws PipelineError `connector_failed` when it may not
 */
export async function tryEndSlotReader(db: Queryable, slot: string): Promise<void> {
  const { rows } = await db.query<{ readonly pid: number; readonly role: string }>({
    name: 'find_unendable_slot_reader',
    text: `
      select session.pid, session.usename as role
      from pg_replication_slots slot join pg_stat_activity session on session.pid = slot.active_pid
      join pg_roles reader on reader.oid = session.usesysid join pg_roles self on self.rolname = current_user
      where slot.slot_name = $1 and not self.rolsuper
        and (reader.rolsuper or not (pg_has_role(reader.oid, 'usage') or pg_has_role('pg_signal_backend', 'usage')))`,
    values: [slot],
  });
  const [reader] = rows;
  if (reader === undefined) return;
  throw new PipelineError(
    'connector_failed',
    `The reader of ${slot} is connected as ${reader.role}, which this role must not end.`,
    { remedy: `Stop it where it runs or, as a superuser: select pg_terminate_backend(${reader.pid});` },
  );
}

/**
 * Ends the connection of whoever reads the slot, and waits until the server has let go of it. Whether that reader comes back at once
 * is for the next look to say.
 * @param options.pid ends no other session than this one
 * @returns how it called itself; undefined when nobody (or another one) read it
 * @throws PipelineError `deadline_passed` when the server does not let go of it
 */
export async function endSlotReader(
  db: Queryable,
  slot: string,
  { pid, ...options }: { timeoutMs: number; pid?: number },
): Promise<string | undefined> {
  const reader = (await readReplicationSlot(db, slot))?.reader;
  if (reader === undefined || (pid !== undefined && reader.pid !== pid)) return undefined;
  await db.query({
    name: 'end_slot_reader',
    text: 'select pg_terminate_backend(active_pid) from pg_replication_slots where slot_name = $1 and active_pid = $2',
    values: [slot, reader.pid],
  });
  await waitUntil(async () => (await readReplicationSlot(db, slot))?.reader?.pid !== reader.pid, {
    ...options,
    what: `the server to end the reader of ${slot}`,
  });
  return `"${reader.application}" (pid ${reader.pid})`;
}
