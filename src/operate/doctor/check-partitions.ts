import { timeOfEventId } from '../../consumer/event-horizon.ts';
import type { Queryable } from '../../platform/postgres/statement.ts';
import { secondsInWords } from './in-words.ts';
import { ok, problem, warning, type Judgement } from './judgement.ts';

const DAY_MS = 86_400_000;
/** A partition is dropped by the day, and only after slot and audit have passed it. */
const SLACK_DAYS = 2;

/** A table that is partitioned by the day in a time-ordered id. */
export interface Partitions {
  readonly hasDefault: boolean;
  /** By their beginning; milliseconds since 1970. */
  readonly days: readonly { readonly name: string; readonly from: number; readonly to: number }[];
}

export async function readPartitions(
  db: Queryable,
  table: 'pipeline.outbox' | 'pipeline.processed_events',
): Promise<Partitions> {
  const { rows } = await db.query<{ name: string; bound: string }>({
    name: 'doctor_partitions',
    text: `
      select c.relname as name, pg_get_expr(c.relpartbound, c.oid) as bound
      from pg_inherits i join pg_class c on c.oid = i.inhrelid
      where i.inhparent = $1::regclass`,
    values: [table],
  });
  const days = rows.flatMap(({ name, bound }) => {
    const [, from, to] = /FROM \('([0-9a-f-]{36})'\) TO \('([0-9a-f-]{36})'\)/.exec(bound) ?? [];
    return from === undefined || to === undefined
      ? []
      : [{ name, from: timeOfEventId(from), to: timeOfEventId(to) }];
  });
  return {
    hasDefault: rows.some(({ bound }) => bound === 'DEFAULT'),
    days: days.sort((a, b) => a.from - b.from),
  };
}

/** Milliseconds from now until the first moment for which there is no partition. */
export function coveredAhead({ days }: Partitions, now: Date): number {
  let until = now.getTime();
  for (const { from, to } of days) if (from <= until && to > until) until = to;
  return until - now.getTime();
}

export function judgeAhead(partitions: Partitions, table: string, now: Date): Judgement {
  const ahead = coveredAhead(partitions, now);
  const said = secondsInWords(ahead / 1000);
  const remedy =
    'Start the service, which makes them, and look for "partitions" in its log; a day that overlaps a stray table must be mended by hand.';
  if (ahead === 0) return problem(`${table} has no partition for now: every insert is refused.`, remedy);
  if (ahead < DAY_MS)
    return problem(`${table} has partitions for ${said} only; then every insert is refused.`, remedy);
  if (ahead < 2 * DAY_MS)
    return warning(`${table} has partitions for ${said} only; they are made a week ahead.`, remedy);
  return ok(`${table}: ${said} ahead`);
}

export function judgeNoDefault({ hasDefault }: Partitions, table: string): Judgement[] {
  if (!hasDefault) return [];
  return [
    problem(
      `${table} has a default partition: making a day scans it under a lock that stops all inserts, and fails when it holds rows of that day.`,
      'As the owner: move its rows away, then detach and drop it.',
    ),
  ];
}

/** Rows past their retention are only kept when something has not passed them. */
export function judgeOldestOutboxDay({ days }: Partitions, retentionDays: number, now: Date): Judgement {
  const [oldest] = days;
  if (oldest === undefined) return ok('there is no partition yet');
  const age = Math.floor((now.getTime() - oldest.to) / DAY_MS);
  if (age <= retentionDays + SLACK_DAYS) return ok(`oldest partition ${oldest.name}`);
  return warning(
    `${oldest.name} is ${age} days old; rows are kept for ${retentionDays}.`,
    'See why it is kept: the slot or the audit has not passed it, or it is busy (the service logs it daily).',
  );
}

/** What dedupe remembers begins with the oldest day that has a partition: an older event would have nowhere to go. */
export function judgeMemory({ days }: Partitions, horizonDays: number, now: Date): Judgement {
  const [oldest] = days;
  const from = oldest?.from ?? now.getTime();
  if (from <= now.getTime() - horizonDays * DAY_MS)
    return ok(`processed events are remembered for ${horizonDays} days`);
  return problem(
    `pipeline.processed_events begins ${secondsInWords((now.getTime() - from) / 1000)} ago; an event that is older can not be told from a duplicate and stops the consumer.`,
    'Start the service, which makes the days that are missing.',
  );
}
