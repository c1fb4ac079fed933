import type { ConnectClient } from '../../connect/connect-client.ts';
import type { Queryable } from '../../platform/postgres/statement.ts';
import { saveConnector as keep } from './connector-saves.ts';

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
  const { id } = await keep(db, { connector: name, reason, config, offsets });
  return Number(id);
}
