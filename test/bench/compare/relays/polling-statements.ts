import type { Statement } from '../../../../src/platform/postgres/statement.ts';

export type PollingMethod = 'delete' | 'mark';

const COLUMNS =
  'id, event_id, topic, partition_key, key_seq, event_type, aggregate_id, payload, schema_fingerprint, traceparent, occurred_at';

/** Takes the next rows, so that no other relay gets them before this transaction ends. `limit` rows at most, in any order. */
export function takeRows(method: PollingMethod, limit: number): Statement {
  const next = (where: string): string =>
    `select id from pipeline.outbox ${where} order by id limit $1 for update skip locked`;
  const returning = COLUMNS.split(', ')
    .map((column) => `outbox.${column}`)
    .join(', ');
  return method === 'delete'
    ? {
        name: 'bench_delete_rows',
        text: `with next as materialized (${next('')})
               delete from pipeline.outbox using next where outbox.id = next.id returning ${returning}`,
        values: [limit],
      }
    : {
        name: 'bench_mark_rows',
        text: `with next as materialized (${next('where published_at is null')})
               update pipeline.outbox set published_at = clock_timestamp() from next where outbox.id = next.id returning ${returning}`,
        values: [limit],
      };
}

/** What marking needs: a column, and an index of the rows that are still to be published. Those that are there count as published. */
export const prepareMarking: Statement = {
  text: `alter table pipeline.outbox add column published_at timestamptz default now();
         alter table pipeline.outbox alter column published_at drop default;
         create index outbox_unpublished on pipeline.outbox (id) where published_at is null;`,
};
