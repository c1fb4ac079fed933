import { rowsOf, violations } from './invariants.ts';
import type { Checked, Violation } from './invariants.ts';

interface Applied {
  readonly eventId: string;
  readonly place: string;
  /** When the transaction that recorded it was committed; transactions of one key wait for each other, so it never goes back. */
  readonly committed: number | null;
}

const APPLIED = `
  select event_id as "eventId", consumer || ' ' || topic || ' ' || key as place,
         (extract(epoch from pg_xact_commit_timestamp(xmin)) * 1000000)::bigint as committed
  from pipeline.processed_events`;

/** Of its first row. */
const SEQUENCES = 'select event_id as "eventId", min(key_seq) as seq from pipeline.outbox group by 1';

/** In which order consumers committed what they applied, by the server's own record of commits, not by their word. */
export async function checkAppliedOrder({ databases }: Checked): Promise<Violation[]> {
  const { orders, inventory, sales } = databases;
  const written = await Promise.all(
    [orders, inventory].map((database) => rowsOf<{ eventId: string; seq: number }>(database, SEQUENCES)),
  );
  const sequences = new Map(written.flat().map(({ eventId, seq }) => [eventId, seq]));
  const applied = (
    await Promise.all([orders, inventory, sales].map((database) => rowsOf<Applied>(database, APPLIED)))
  ).flat();
  const details = [...Map.groupBy(applied, ({ place }) => place)].flatMap(([place, events]) => {
    const inOrder = events
      // One that nobody said is found by another check.
      .flatMap(({ eventId, committed }) => {
        const seq = sequences.get(eventId);
        return seq === undefined ? [] : [{ seq, committed: committed ?? 0 }];
      })
      .sort((a, b) => a.seq - b.seq);
    return inOrder.flatMap(({ seq, committed }, index) => {
      const before = inOrder[index - 1];
      return before !== undefined && committed < before.committed
        ? [`${place}: ${seq} was committed before ${before.seq}`]
        : [];
    });
  });
  return violations('applied-in-order', details);
}
