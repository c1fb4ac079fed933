import pg from 'pg';
import { waitUntil } from '../../src/platform/wait-until.ts';

/** Somebody who reads a replication slot that is not theirs, as `pg_recvlogical` does. */
export interface SlotReader {
  /** Bytes since the start of the log: up to where it has told the server to forget. */
  readonly confirmed: bigint;
  close(): Promise<void>;
}

/** pg's own types know neither replication connections nor what travels on them. */
interface CopyConnection {
  on(event: 'copyData', listener: (message: { readonly chunk: Buffer }) => void): void;
  sendCopyFromChunk(chunk: Buffer): void;
}

/** Reads the slot and confirms whatever it gets, so that the connector never gets it. */
export async function readSlot(options: {
  connectionString: string;
  slot: string;
  publication: string;
}): Promise<SlotReader> {
  const client = new pg.Client({
    connectionString: options.connectionString,
    application_name: 'somebody_else',
    replication: 'database',
  } as pg.ClientConfig);
  await client.connect();
  const connection = (client as unknown as { readonly connection: CopyConnection }).connection;
  let confirmed = 0n;
  let isReading = false;
  client.on('error', () => undefined);
  connection.on('copyData', ({ chunk }) => {
    isReading = true;
    // 'k' keep-alive: end of the log. 'w' data: its start, then the end of the log.
    const lsn = chunk.readBigUInt64BE(chunk[0] === 0x77 ? 9 : 1);
    if (lsn > confirmed) confirmed = lsn;
    connection.sendCopyFromChunk(statusUpdate(confirmed));
  });
  // Its answer comes when reading ends.
  client
    .query(
      `START_REPLICATION SLOT ${options.slot} LOGICAL 0/0 (proto_version '1', publication_names '${options.publication}')`,
    )
    .catch(() => undefined);
  await waitUntil(() => isReading, { timeoutMs: 60_000, what: `${options.slot} to be read` });
  return {
    get confirmed() {
      return confirmed;
    },
    close: () => client.end().catch(() => undefined),
  };
}

/** Written, flushed and applied up to here. */
function statusUpdate(lsn: bigint): Buffer {
  const message = Buffer.alloc(34);
  message.write('r');
  for (const place of [1, 9, 17]) message.writeBigUInt64BE(lsn, place);
  return message;
}
