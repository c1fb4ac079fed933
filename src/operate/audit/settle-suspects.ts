import { setTimeout as delay } from 'node:timers/promises';
import type { Queryable } from '../../platform/postgres/statement.ts';
import { advanceMarks, type Passed } from './advance-marks.ts';
import type { AuditedOutbox, AuditedPipeline } from './audited-pipeline.ts';
import { findKeyPlaces, findRecorded, type KeyPlace } from './find-recorded.ts';
import { judgeSuspect } from './judge-suspect.ts';
import { factsOf, nameMissing, type MissingEvent } from './name-missing.ts';
import type { Mark } from './passed-marks.ts';
import type { Reader } from './readers.ts';
import { addFates, type Suspect, type Tally } from './scan-outbox.ts';

export interface Settled {
  readonly missing: readonly MissingEvent[];
  readonly doubt: string | undefined;
  /** Why something could not be asked; what depends on it counts as late. */
  readonly problems: readonly unknown[];
}

export interface SettleOptions {
  readonly pipeline: AuditedPipeline;
  readonly outbox: { readonly db: Queryable } & AuditedOutbox;
  readonly readers: readonly Reader[];
  readonly tallies: ReadonlyMap<Reader, Tally>;
  readonly memory: { marks: readonly Mark[] };
  readonly pageSize: number;
  /** How long to wait for slot and positions to pass the rows. */
  readonly waitMs: number;
  readonly signal: AbortSignal;
}

const LOOK_EVERY_MS = 500;

/** Looks at the suspects until each has come or is known to be lost, or the time is over; then what is left is late. */
export async function settleSuspects(all: readonly Suspect[], options: SettleOptions): Promise<Settled> {
  const giveUpAt = Date.now() + options.waitMs;
  let suspects = all;
  for (;;) {
    options.signal.throwIfAborted();
    const { passed, problem } = await tryToAdvance(options);
    const checked = await stillMissing(suspects, options);
    suspects = checked.suspects;
    const problems = [...(problem === undefined ? [] : [problem]), ...checked.problems];
    const isLate = (suspect: Suspect): boolean =>
      judgeSuspect(factsOf(suspect, { passed, places: checked.places })).state === 'late';
    const isOver = !suspects.some(isLate) || Date.now() >= giveUpAt;
    // Parts that do not answer are not worth waiting for: the next round asks again.
    if (isOver || problems.length > 0 || passed.doubt !== undefined)
      return {
        missing: await nameMissing(suspects, { ...options, passed, places: checked.places }),
        doubt: passed.doubt,
        problems,
      };
    await delay(LOOK_EVERY_MS, undefined, { signal: options.signal });
  }
}

const NOTHING: Passed = { bySlot: undefined, byConsumer: () => undefined, doubt: undefined };

async function tryToAdvance(options: SettleOptions): Promise<{ passed: Passed; problem?: unknown }> {
  try {
    return {
      passed: await advanceMarks(options.pipeline, options.outbox, options.readers, options.memory),
    };
  } catch (error) {
    return { passed: NOTHING, problem: error };
  }
}

interface Checked {
  readonly suspects: readonly Suspect[];
  readonly places: ReadonlyMap<Suspect, KeyPlace>;
  readonly problems: readonly unknown[];
}

/** Asks again, page by page, and leaves out what has been recorded meanwhile or is not to come. */
async function stillMissing(suspects: readonly Suspect[], options: SettleOptions): Promise<Checked> {
  const places = new Map<Suspect, KeyPlace>();
  const left: Suspect[] = [];
  const problems: unknown[] = [];
  for (const [reader, all] of Map.groupBy(suspects, (suspect) => suspect.reader))
    for (let start = 0; start < all.length; start += options.pageSize) {
      const some = all.slice(start, start + options.pageSize);
      try {
        left.push(...(await checkSome(reader, some, places, options.tallies.get(reader))));
      } catch (error) {
        problems.push(error);
        // They stay suspects; without a place nobody calls them lost for good.
        left.push(...some);
      }
    }
  return { suspects: left, places, problems };
}

async function checkSome(
  reader: Reader,
  some: readonly Suspect[],
  places: Map<Suspect, KeyPlace>,
  tally: Tally | undefined,
): Promise<Suspect[]> {
  const { db } = reader.service;
  const recorded = await findRecorded(
    db,
    reader.consumer,
    some.map(({ row }) => row.eventId),
  );
  const unknown = new Set(recorded.unknown);
  const open = some.filter(({ row }) => unknown.has(row.eventId));
  const found =
    open.length === 0
      ? new Map<string, KeyPlace>()
      : await findKeyPlaces(
          db,
          reader.consumer,
          open.map(({ row }) => row),
        );
  if (tally !== undefined) addFates(tally, recorded.fates);
  return open.filter((suspect) => {
    const place = found.get(suspect.row.eventId);
    if (place === undefined) return true;
    if (place.skipped || place.beforeBase) {
      if (tally !== undefined) addFates(tally, new Map([[place.skipped ? 'discarded' : 'ignored', 1]]));
      return false;
    }
    places.set(suspect, place);
    return true;
  });
}
