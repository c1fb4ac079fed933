import { describeError, PipelineError } from '../../platform/errors.ts';
import type { Log } from '../../platform/log.ts';
import { createPool } from '../../platform/postgres/pool.ts';
import { sqlState } from '../../platform/postgres/postgres-errors.ts';
import { inTransaction, type Transaction } from '../../platform/postgres/transaction.ts';

export interface PublicationOrder {
  readonly ownerUrl: string;
  readonly publication: string;
  /** `schema.table` */
  readonly table: string;
  readonly log: Log;
}

/**
 * Makes the publication anew, in one transaction: inserts into the table, partitions under its name, nothing else. A slot that is
 * older than this can't be read with it: Postgres looks publications up as they were when a row was written.
 */
export async function makePublication(order: PublicationOrder): Promise<void> {
  await asOwner(order, (tx) => replacePublication(tx, order));
}

/** Finds out whether `makePublication` would work, before anything else is touched. Leaves nothing behind. */
export async function tryPublication(order: PublicationOrder): Promise<void> {
  const undo = new Error('undo');
  await asOwner(order, async (tx) => {
    await replacePublication(tx, order);
    throw undo;
  }).catch((error: unknown) => {
    if (error !== undo) throw error;
  });
}

async function asOwner(
  { ownerUrl, publication, log }: PublicationOrder,
  work: (tx: Transaction) => Promise<void>,
): Promise<void> {
  const owner = createPool({ connectionString: ownerUrl, applicationName: 'outbox', log, max: 1 });
  try {
    await inTransaction(owner, work);
  } catch (error) {
    if (sqlState(error) !== '42501') throw error;
    throw new PipelineError(
      'connector_failed',
      `The owner of the outbox may not make publication ${publication}: ${describeError(error)}.`,
      { remedy: `As a superuser: drop publication ${publication}; then heal again.`, cause: error },
    );
  } finally {
    await owner.end();
  }
}

async function replacePublication(tx: Transaction, { publication, table }: PublicationOrder): Promise<void> {
  await tx.query({ text: `drop publication if exists ${quote(publication)}` });
  await tx.query({
    text: `create publication ${quote(publication)} for table ${table.split('.').map(quote).join('.')}
           with (publish = 'insert', publish_via_partition_root = true)`,
  });
}

const quote = (identifier: string): string => `"${identifier.replaceAll('"', '""')}"`;
