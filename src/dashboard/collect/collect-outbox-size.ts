import { coveredAhead, readPartitions } from '../../operate/doctor/check-partitions.ts';
import type { OperatedService } from '../../operate/operated-pipeline.ts';
import { readOutboxSize, type OutboxSize } from '../sql/read-outbox-size.ts';
import { keepCollecting, type Collector } from './keep-collecting.ts';

const EVERY_MS = 10_000;
const WITHIN_MS = 4_000;

export interface KeptOutbox extends OutboxSize {
  readonly partitions: number;
  /** Since the first day that is kept began; null without partitions. */
  readonly oldestAgeMs: number | null;
  /** Until the first moment for which there is no partition: then every insert is refused. */
  readonly aheadMs: number;
}

/** What each outbox keeps, and for how long there are partitions. */
export function collectOutboxSize(
  { pool }: Pick<OperatedService, 'pool'>,
  on: {
    readonly kept: (kept: KeptOutbox) => void;
    readonly problem: (problem: string | null) => void;
  },
): Collector {
  return keepCollecting({
    everyMs: EVERY_MS,
    withinMs: WITHIN_MS,
    collect: async () => {
      const [size, partitions] = await Promise.all([
        readOutboxSize(pool),
        readPartitions(pool, 'pipeline.outbox'),
      ]);
      const now = new Date();
      const [oldest] = partitions.days;
      on.kept({
        ...size,
        partitions: partitions.days.length,
        oldestAgeMs: oldest === undefined ? null : now.getTime() - oldest.from,
        aheadMs: coveredAhead(partitions, now),
      });
    },
    onProblem: on.problem,
  });
}
