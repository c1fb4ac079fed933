import type { Queryable } from '../../platform/postgres/statement.ts';
import type { Disagreement } from './replay-rows.ts';

export interface Cases {
  readonly all: number;
  readonly sums: readonly {
    readonly type: string | null;
    readonly recorded: string;
    readonly events: number;
  }[];
  /** The first ones by their events' time. */
  readonly first: readonly Disagreement[];
}

/** Where the code of the rebuild disagrees with what was recorded. */
export async function readCases(db: Queryable, consumer: string, limit: number): Promise<Cases> {
  const { rows: sums } = await db.query<Cases['sums'][number]>({
    name: 'rebuild_sum_cases',
    text: `select event_type as type, recorded, count(*) as events from pipeline.rebuild_cases
           where consumer = $1 group by 1, 2 order by 3 desc, 1, 2`,
    values: [consumer],
  });
  const { rows: first } = await db.query<Disagreement>({
    name: 'rebuild_first_cases',
    text: `select event_id as "eventId", event_type as type, key, recorded, now from pipeline.rebuild_cases
           where consumer = $1 order by event_id limit $2`,
    values: [consumer, limit],
  });
  return { all: sums.reduce((sum, { events }) => sum + events, 0), sums, first };
}
