import { describeError } from '../../platform/errors.ts';
import type { EventRow } from './event-row.ts';
import { findRecorded, type Fate } from './find-recorded.ts';
import { isExpected, type Reader } from './readers.ts';

/** An event of which a reader has recorded nothing. */
export interface Suspect {
  readonly reader: Reader;
  /** Its oldest row. */
  readonly row: EventRow;
}

/** What was found of one reader. */
export interface Tally {
  /** Events that it must have. */
  expected: number;
  readonly fates: Map<Fate, number>;
  /** Suspects beyond the number that is looked at closer. */
  beyond: number;
  /** Why its database could not be asked, from some page on. */
  problem: unknown;
}

export interface Scan {
  rows: number;
  readonly tallies: ReadonlyMap<Reader, Tally>;
  readonly suspects: readonly Suspect[];
  /** From this row on something was not asked, or not remembered: only what comes before it can be proven. */
  openFrom: string | undefined;
}

export interface ScanOptions {
  readonly readers: readonly Reader[];
  /** So many suspects are remembered; the oldest. In an outage there may be millions. */
  readonly maxSuspects: number;
  readonly signal: AbortSignal;
}

/** Asks each reader for what it must have of each page. Memory holds one page and the suspects, however long the outbox is. */
export async function scanOutbox(pages: AsyncIterable<EventRow[]>, options: ScanOptions): Promise<Scan> {
  const tallies = new Map(options.readers.map((reader) => [reader, newTally()]));
  const suspects = new Map<string, Suspect>();
  const scan: Scan & { suspects: Suspect[] } = { rows: 0, tallies, suspects: [], openFrom: undefined };
  for await (const rows of pages) {
    options.signal.throwIfAborted();
    scan.rows += rows.length;
    const found = await Promise.all(
      options.readers.map((reader) => scanPage(reader, rows, tallies.get(reader) ?? newTally())),
    );
    for (const { unknown, openFrom } of found) {
      keepFirst(scan, openFrom);
      for (const suspect of unknown) remember(scan, suspects, suspect, options.maxSuspects);
    }
  }
  scan.suspects.push(...suspects.values());
  return scan;
}

const newTally = (): Tally => ({ expected: 0, fates: new Map(), beyond: 0, problem: undefined });

interface ScannedPage {
  readonly unknown: readonly Suspect[];
  readonly openFrom: string | undefined;
}

async function scanPage(reader: Reader, rows: readonly EventRow[], tally: Tally): Promise<ScannedPage> {
  const expected = firstRows(rows.filter((row) => isExpected(reader, row)));
  const [first] = expected.values();
  if (first === undefined) return { unknown: [], openFrom: undefined };
  tally.expected += expected.size;
  if (tally.problem !== undefined) return { unknown: [], openFrom: first.rowId };
  try {
    const recorded = await findRecorded(reader.service.db, reader.consumer, [...expected.keys()]);
    addFates(tally, recorded.fates);
    const unknown = recorded.unknown.flatMap((id) => {
      const row = expected.get(id);
      return row === undefined ? [] : [{ reader, row }];
    });
    return { unknown: unknown.sort((a, b) => (a.row.rowId < b.row.rowId ? -1 : 1)), openFrom: undefined };
  } catch (error) {
    // The others are looked at all the same; of this one nothing more can be said in this round.
    tally.problem = new Error(describeError(error), { cause: error });
    return { unknown: [], openFrom: first.rowId };
  }
}

/** The oldest row of each event, by event id: a republished event may be in a page twice. */
function firstRows(rows: readonly EventRow[]): Map<string, EventRow> {
  const first = new Map<string, EventRow>();
  for (const row of rows) if (!first.has(row.eventId)) first.set(row.eventId, row);
  return first;
}

export function addFates(tally: Tally, fates: ReadonlyMap<Fate, number>): void {
  for (const [fate, events] of fates) tally.fates.set(fate, (tally.fates.get(fate) ?? 0) + events);
}

function remember(scan: Scan, suspects: Map<string, Suspect>, suspect: Suspect, max: number): void {
  const { reader, row } = suspect;
  const id = `${reader.service.name} ${reader.consumer} ${row.eventId}`;
  // Its newer row says nothing that its oldest does not say.
  if (suspects.has(id)) return;
  if (suspects.size < max) {
    suspects.set(id, suspect);
    return;
  }
  const tally = scan.tallies.get(reader);
  if (tally !== undefined) tally.beyond += 1;
  keepFirst(scan, row.rowId);
}

function keepFirst(scan: Scan, rowId: string | undefined): void {
  if (rowId !== undefined && (scan.openFrom === undefined || rowId < scan.openFrom)) scan.openFrom = rowId;
}
