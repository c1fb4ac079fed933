import type { Queryable } from '../../platform/postgres/statement.ts';
import type { OperatedService } from '../operated-pipeline.ts';
import { foundOf, lookInDatabase, unreachableOf } from '../watch/connector-look.ts';

/** A database that takes longer is one that can't be asked. */
const WITHIN_MS = 8_000;

/** How many keys consumers of this database hold since an event of theirs is missing, and since when the first. */
interface Waiting {
  readonly keys: number;
  readonly since: Date;
}

/** Undefined when no key waits. */
async function readWaiting(db: Queryable): Promise<Waiting | undefined> {
  const { rows } = await db.query<{ readonly keys: number; readonly since: Date | null }>({
    name: 'parked_waiting',
    text: `select count(*) as keys, min(since) as since from pipeline.parked_keys where state = 'waiting'`,
  });
  const [row] = rows;
  return row === undefined || row.since === null ? undefined : { keys: row.keys, since: row.since };
}

/**
 * What no connector shows: it was run on behind a gap and looks well again, but consumers have met the gap and hold its keys. A sentence
 * for each service that waits, and for each that could not be asked. A heal's re-snapshot ends most of it by itself.
 */
export async function tellWaiting(services: readonly OperatedService[]): Promise<string[]> {
  const told = await Promise.all(
    services.map(async ({ consumer, database, pool }) => {
      const looked = await lookInDatabase(readWaiting(pool), database, WITHIN_MS);
      const unreachable = unreachableOf(looked);
      if (unreachable !== undefined) return [`What consumer ${consumer} holds is not known. ${unreachable}`];
      const waiting = foundOf(looked);
      return waiting === undefined ? [] : [waitingSentence(consumer, waiting)];
    }),
  );
  return told.flat();
}

function waitingSentence(consumer: string, { keys, since }: Waiting): string {
  const held = keys === 1 ? '1 key that waits' : `${keys.toLocaleString('en')} keys that wait`;
  return `Consumer ${consumer} holds ${held} for a missing event, since ${since.toISOString()}. If it does not come: npx outbox audit --repair says again what was lost; npx outbox parked list names the keys.`;
}
