import type { ConnectClient } from '../connect/connect-client.ts';
import type { Queryable } from '../platform/postgres/statement.ts';

/**
 * Keeps what Connect has of this connector now, config and offsets, in its outbox's database: the way back. The offsets of a connector
 * that is not STOPPED are those of a moment ago.
 * @returns the save's id
 */
export async function saveConnector(
  db: Queryable,
  connect: ConnectClient,
  name: string,
  reason: string,
): Promise<number> {
  const config = (await connect.config(name)) ?? {};
  const offsets = await connect.offsets(name);
  const { rows } = await db.query<{ readonly save_id: number }>({
    name: 'save_connector',
    text: `
      insert into pipeline.connector_saves (connector, reason, config, offsets) values ($1, $2, $3, $4)
      returning save_id`,
    values: [name, reason, JSON.stringify(config), JSON.stringify(offsets)],
  });
  return rows[0]?.save_id ?? 0;
}
