import type { ConnectorOffsets } from '../../connect/connect-client.ts';
import type { ConnectorConfig } from '../../connect/connector-file.ts';
import type { Queryable } from '../../platform/postgres/statement.ts';

/** A connector as it was before a dangerous change. */
export interface ConnectorSave {
  readonly id: string;
  readonly connector: string;
  readonly savedAt: Date;
  readonly reason: string;
  readonly config: ConnectorConfig;
  /** Read after its task had ended: where it really stood. */
  readonly offsets: ConnectorOffsets;
}

interface SaveRow {
  readonly id: string;
  readonly connector: string;
  readonly saved_at: Date;
  readonly reason: string;
  readonly config: ConnectorConfig;
  readonly offsets: ConnectorOffsets;
}

const COLUMNS = 'save_id::text as id, connector, saved_at, reason, config, offsets';

/** Committed when it returns: only then may the connector be changed. */
export async function saveConnector(
  db: Queryable,
  save: Omit<ConnectorSave, 'id' | 'savedAt'>,
): Promise<ConnectorSave> {
  const { rows } = await db.query<SaveRow>({
    name: 'save_connector',
    text: `
      insert into pipeline.connector_saves (connector, reason, config, offsets)
      values ($1, $2, $3::jsonb, $4::jsonb) returning ${COLUMNS}`,
    values: [save.connector, save.reason, JSON.stringify(save.config), JSON.stringify(save.offsets)],
  });
  const [row] = rows;
  if (row === undefined) throw new Error('Postgres did not return the save.');
  return toSave(row);
}

/** The newest first. */
export async function readSaves(db: Queryable, connector: string): Promise<ConnectorSave[]> {
  const { rows } = await db.query<SaveRow>({
    name: 'read_connector_saves',
    text: `select ${COLUMNS} from pipeline.connector_saves where connector = $1 order by save_id desc`,
    values: [connector],
  });
  return rows.map(toSave);
}

function toSave({ saved_at: savedAt, ...rest }: SaveRow): ConnectorSave {
  return { ...rest, savedAt };
}
