import { describeError } from '../platform/errors.ts';
import type { Log } from '../platform/log.ts';
import type { Queryable } from '../platform/postgres/statement.ts';
import { DAYS_AHEAD, KEEP_DAYS } from './event-horizon.ts';

/** Often enough that a failed run or a long sleep of the machine costs nothing: partitions are made a week ahead. */
const EVERY_MS = 6 * 60 * 60 * 1000;

export interface Maintenance {
  readonly made: number;
  readonly dropped: number;
  /** Old partitions that were in use; the next run drops them. */
  readonly leftForLater: number;
}

/** Makes the partitions of the days to come and drops those past the horizon. Any number of processes may call it. */
export async function maintainProcessedEvents(
  db: Queryable,
  days: { keep: number; ahead: number } = { keep: KEEP_DAYS, ahead: DAYS_AHEAD },
): Promise<Maintenance> {
  const { rows } = await db.query<{ made: number; dropped: number; left_for_later: number }>({
    name: 'consumer_maintain_processed_events',
    text: 'select made, dropped, left_for_later from pipeline.maintain_processed_events($1, $2)',
    values: [days.keep, days.ahead],
  });
  const [row] = rows;
  return { made: row?.made ?? 0, dropped: row?.dropped ?? 0, leftForLater: row?.left_for_later ?? 0 };
}

/** Keeps doing it until the returned function is called. A run that fails is logged; the next one makes up for it. */
export function keepMaintained(db: Queryable, log: Log): () => void {
  const timer = setInterval(() => {
    maintainProcessedEvents(db).then(
      (done) => log.info(done, 'maintained the partitions of processed_events'),
      (error: unknown) =>
        log.error({ reason: describeError(error) }, 'could not maintain the partitions of processed_events'),
    );
  }, EVERY_MS);
  timer.unref();
  return () => clearInterval(timer);
}
