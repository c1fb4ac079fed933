import type { Encoder } from '../../events/encoder.ts';
import type { EventDefinition } from '../../events/define-event.ts';
import type { Pool } from '../../platform/postgres/pool.ts';
import { inTransaction } from '../../platform/postgres/transaction.ts';

/** What a probe says. The pipeline's contract gives it its Avro schema. */
export interface ProbePayload {
  readonly connector: string;
  readonly sender: string;
  /** Milliseconds since 1970. */
  readonly sentAt: number;
}

export interface WrittenProbe {
  /** Also the id of its row. */
  readonly eventId: string;
  readonly sentAt: number;
  readonly committedAt: number;
}

/**
 * Writes one probe into an outbox, in a transaction of its own, through the only door that the operators' role has there. Dying in between leaves a probe that nobody waits for, or none.
 * @param options.timeoutMs for the statement: a table that is locked must not hold a probe, nor the probe others, for long
 * @throws PipelineError `schemas_not_applied`; what Postgres says
 */
export async function writeProbe(
  pool: Pool,
  encoder: Encoder,
  probe: EventDefinition<ProbePayload>,
  options: { connector: string; sender: string; timeoutMs: number },
): Promise<WrittenProbe> {
  const { connector, sender } = options;
  const sentAt = Date.now();
  const payload = encoder.encode(probe, { connector, sender, sentAt });
  const rows = await inTransaction(pool, async (tx) => {
    await tx.query({
      name: 'limit_probe',
      text: `select set_config('statement_timeout', $1, true)`,
      values: [`${Math.max(1, Math.ceil(options.timeoutMs))}ms`],
    });
    const answer = await tx.query<{ readonly id: string }>({
      name: 'append_probe',
      text: 'select pipeline.append_probe($1, $2, $3, $4) as id',
      values: [connector, payload, probe.fingerprint, new Date(sentAt)],
    });
    return answer.rows;
  });
  return { eventId: rows[0]?.id ?? '', sentAt, committedAt: Date.now() };
}

/** Where a probe's row is in the write-ahead log, in bytes since its start; undefined when there is no such row. */
export async function readProbeLsn(db: Pool, rowId: string): Promise<bigint | undefined> {
  const { rows } = await db.query<{ lsn: string }>({
    name: 'read_probe_lsn',
    text: `select (insert_lsn - '0/0')::text as lsn from pipeline.outbox where id = $1`,
    values: [rowId],
  });
  return rows[0] && BigInt(rows[0].lsn);
}
