import type { AuditedPipeline, AuditedService } from './audited-pipeline.ts';
import { readAuditedThrough, saveAuditedThrough } from './audited-through.ts';
import { FIRST_ID, idBefore } from './event-row.ts';
import { FATES, type Fate } from './find-recorded.ts';
import type { State } from './judge-suspect.ts';
import type { MissingEvent } from './name-missing.ts';
import { withMark, type Mark } from './passed-marks.ts';
import { readHorizon, readRows } from './read-outbox.ts';
import type { Reader } from './readers.ts';
import { repairEvents, type Repaired } from './repair-events.ts';
import { scanOutbox, type Scan, type Tally } from './scan-outbox.ts';
import { settleSuspects } from './settle-suspects.ts';

/** What is remembered of an outbox from round to round. */
export interface OutboxMemory {
  marks: readonly Mark[];
}

export interface AuditOptions {
  readonly olderThanMs: number;
  readonly pageSize: number;
  readonly maxSuspects: number;
  readonly waitMs: number;
  /** Who repairs, for the record. */
  readonly repairedBy: string;
  readonly signal: AbortSignal;
}

/** What one consumer made of the rows looked at. */
export interface ReaderReport {
  readonly consumer: string;
  readonly service: string;
  /** Events that it must have. */
  readonly expected: number;
  readonly fates: Readonly<Record<Fate, number>>;
  readonly states: Readonly<Record<State, number>>;
  /** Not recorded, and more than could be looked at closer. */
  readonly beyond: number;
}

export interface OutboxReport {
  readonly service: string;
  /** Rows looked at. */
  readonly rows: number;
  /** Up to when rows were looked at, by the database's clock; undefined when it could not be asked. */
  readonly until: Date | undefined;
  /** Since when an open transaction has kept that back. */
  readonly heldBackSince: Date | undefined;
  /** Everything up to this id is proven. */
  readonly through: string;
  readonly readers: readonly ReaderReport[];
  readonly missing: readonly MissingEvent[];
  readonly repaired: readonly Repaired[];
  readonly doubt: string | undefined;
  readonly problems: readonly unknown[];
}

/**
 * Proves what can be proven of one outbox: each row behind the mark and older than the horizon was recorded by every consumer that
 * must have it. Moves the mark to where the first is missing, and republishes what is lost when it may.
 * @param allKnown whether every consumer could be asked what it subscribes to: else nothing is proven for good
 */
export async function auditOutbox(
  pipeline: AuditedPipeline,
  service: AuditedService & Pick<Required<AuditedService>, 'outbox'>,
  audited: { readonly readers: readonly Reader[]; readonly allKnown: boolean; readonly memory: OutboxMemory },
  options: AuditOptions,
): Promise<OutboxReport> {
  const { db, outbox } = service;
  if (outbox === undefined) throw new TypeError(`Service ${service.name} has no outbox.`);
  const { readers, memory } = audited;
  const after = (await readAuditedThrough(db)) ?? FIRST_ID;
  const horizon = await readHorizon(db, options.olderThanMs);
  memory.marks = withMark(memory.marks, { before: horizon.before, lsn: horizon.lsn, ends: undefined });
  const pages = readRows(db, { after, before: horizon.before, pageSize: options.pageSize });
  const scan = await scanOutbox(pages, { readers, maxSuspects: options.maxSuspects, signal: options.signal });
  const settled =
    scan.suspects.length === 0
      ? { missing: [], doubt: undefined, problems: [] }
      : await settleSuspects(scan.suspects, {
          pipeline,
          outbox: { db, ...outbox },
          readers,
          tallies: scan.tallies,
          memory,
          ...options,
        });
  const through = audited.allKnown ? provenThrough(scan, settled.missing, horizon.before, after) : after;
  if (through > after) await saveAuditedThrough(db, through);
  const repaired =
    outbox.repair === undefined
      ? []
      : await repairEvents(outbox.repair, lostEvents(settled.missing), options.repairedBy);
  return {
    service: service.name,
    rows: scan.rows,
    until: horizon.at,
    heldBackSince: horizon.heldBackSince,
    through,
    readers: [...scan.tallies].map(([reader, tally]) => readerReport(reader, tally, settled.missing)),
    missing: settled.missing,
    repaired,
    doubt: settled.doubt,
    problems: [
      ...settled.problems,
      ...[...scan.tallies.values()].flatMap(({ problem }) => (problem === undefined ? [] : [problem])),
    ],
  };
}

/** Up to the row before the first that is missing or was not asked for; the horizon itself where there is none. */
function provenThrough(scan: Scan, missing: readonly MissingEvent[], horizon: string, after: string): string {
  const open = [
    ...(scan.openFrom === undefined ? [] : [scan.openFrom]),
    ...missing.map(({ rowId }) => rowId),
  ];
  const first = open.reduce<string | undefined>(
    (least, id) => (least === undefined || id < least ? id : least),
    undefined,
  );
  const through = first === undefined ? horizon : idBefore(first);
  return through > after ? through : after;
}

/** Each once, with all who lost it. */
function lostEvents(missing: readonly MissingEvent[]) {
  const lost = missing.filter(({ state, notRepaired }) => state === 'lost' && notRepaired === undefined);
  return [...Map.groupBy(lost, ({ eventId }) => eventId)].map(([eventId, some]) => ({
    eventId,
    rowId: some[0]?.rowId ?? '',
    lostBy: some.map(({ consumer }) => consumer).join(', '),
  }));
}

function readerReport(reader: Reader, tally: Tally, missing: readonly MissingEvent[]): ReaderReport {
  const own = missing.filter(
    ({ consumer, service }) => consumer === reader.consumer && service === reader.service.name,
  );
  const count = (state: State): number => own.filter((event) => event.state === state).length;
  return {
    consumer: reader.consumer,
    service: reader.service.name,
    expected: tally.expected,
    fates: Object.fromEntries(FATES.map((fate) => [fate, tally.fates.get(fate) ?? 0])) as Record<
      Fate,
      number
    >,
    states: { late: count('late'), repairing: count('repairing'), lost: count('lost') },
    beyond: tally.beyond,
  };
}
