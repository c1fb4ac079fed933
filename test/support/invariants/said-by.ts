import type { Queryable } from '../../../src/platform/postgres/statement.ts';
import { rowsOf } from './invariants.ts';

interface SaidRow {
  readonly id: string;
  readonly type: string;
  readonly times: number;
}

/** How often each event type was said of each order: events of the outbox, however often a row was republished. */
export async function saidBy(database: Queryable): Promise<Map<string, (type: string) => number>> {
  const rows = await rowsOf<SaidRow>(
    database,
    `select aggregate_id as id, event_type as type, count(distinct event_id) as times from pipeline.outbox
     where topic in ('orders.events', 'inventory.events')
       and event_type not in ('StockAdjusted', 'StockRestocked', 'ItemsReturned') group by 1, 2`,
  );
  return new Map(
    [...Map.groupBy(rows, ({ id }) => id)].map(([id, said]) => [
      id,
      (type) => said.find((row) => row.type === type)?.times ?? 0,
    ]),
  );
}

export const never = (): number => 0;
