import { readReplicationSlot } from '../connect/replication-slot.ts';
import { PipelineError } from '../platform/errors.ts';
import { sqlState } from '../platform/postgres/postgres-errors.ts';
import type { Queryable } from '../platform/postgres/statement.ts';
import { waitUntil } from '../platform/wait-until.ts';

/**
 * Ends the connection of whoever reads the slot, and waits until the server has let go of it. Whether that reader comes back at once
 * is for the next look to say.
 * @returns how it called itself; undefined when nobody read it any more
 * @throws PipelineError `connector_failed` without the right to end it
 */
export async function endSlotReader(
  db: Queryable,
  slot: string,
  options: { timeoutMs: number },
): Promise<string | undefined> {
  const reader = (await readReplicationSlot(db, slot))?.reader;
  if (reader === undefined) return undefined;
  try {
    await db.query({
      name: 'end_slot_reader',
      text: 'select pg_terminate_backend(active_pid) from pg_replication_slots where slot_name = $1 and active_pid = $2',
      values: [slot, reader.pid],
    });
  } catch (error) {
    if (sqlState(error) !== '42501') throw error;
    throw new PipelineError(
      'connector_failed',
      `The reader of ${slot} is connected as ${reader.role}, which this role must not end.`,
      { remedy: `As a superuser: select pg_terminate_backend(${reader.pid});`, cause: error },
    );
  }
  await waitUntil(async () => (await readReplicationSlot(db, slot))?.reader?.pid !== reader.pid, {
    ...options,
    what: `the server to end the reader of ${slot}`,
  });
  return `"${reader.application}" (pid ${reader.pid})`;
}
