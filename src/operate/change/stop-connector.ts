import type { ConnectClient } from '../../connect/connect-client.ts';
import { readReplicationSlot } from '../../connect/replication-slot.ts';
import type { Queryable } from '../../platform/postgres/statement.ts';
import { waitUntil } from '../../platform/wait-until.ts';

/**
 * Stops the connector and waits until its task has ended and stored its last offset, and until the server has let go of its slot:
 * from then on what Connect has stored is true, and offsets and slot may be changed. Harmless for one that is STOPPED already.
 * @throws PipelineError `deadline_passed`; what Connect says
 */
export async function stopConnector(
  connect: ConnectClient,
  name: string,
  options: { timeoutMs: number; slot?: { readonly db: Queryable; readonly name: string } },
): Promise<void> {
  await connect.stop(name);
  const { timeoutMs, slot } = options;
  await waitUntil(
    async () => {
      const status = await connect.status(name);
      return status?.connector.state === 'STOPPED' && status.tasks.length === 0;
    },
    { timeoutMs, what: `${name} to stop` },
  );
  if (slot === undefined) return;
  await waitUntil(async () => (await readReplicationSlot(slot.db, slot.name))?.active !== true, {
    timeoutMs,
    what: `the server to let go of replication slot ${slot.name}`,
    remedy: 'Somebody else reads it: select * from pg_stat_replication.',
  });
}
