import type { OutboxReport, ReaderReport } from '../../operate/audit/audit-outbox.ts';
import { verdictOf, type AuditReport } from '../../operate/audit/audit-pipeline.ts';
import { FATES } from '../../operate/audit/find-recorded.ts';
import type { MissingEvent } from '../../operate/audit/name-missing.ts';
import { describeError } from '../../platform/errors.ts';
import { durationText } from '../quantities.ts';

/** So many missing events are shown one by one. */
const SHOWN = 50;
const IN_JSON = 1_000;
const IN_A_LINE = 20;

/** For a person. */
export function auditLines(report: AuditReport, options: { readonly repair: boolean }): string[] {
  const blocks = report.outboxes.map((outbox) => outboxLines(outbox, report.at, options));
  const problems = report.problems.map(({ service, error }) => `${service}: ${describeError(error)}`);
  return [...blocks.flatMap((lines) => [...lines, '']), ...new Set(problems), roundSummary(report).sentence];
}

function outboxLines(outbox: OutboxReport, now: Date, options: { readonly repair: boolean }): string[] {
  const { readers, missing } = outbox;
  const until = outbox.until === undefined ? '' : ` up to ${outbox.until.toISOString()}`;
  const head = `outbox ${outbox.service}: ${count(outbox.rows, 'row')}${until}`;
  const shown = missing.slice(0, SHOWN);
  return [
    head,
    ...(outbox.heldBackSince === undefined
      ? []
      : [`  no further, since a transaction has been open since ${outbox.heldBackSince.toISOString()}`]),
    ...table([HEAD, ...readers.map(cells)]),
    ...(outbox.doubt === undefined ? [] : [`  ${outbox.doubt}`]),
    ...shown.map((event) => `  ${missingLine(event, now)}`),
    ...(missing.length > shown.length
      ? [`  and ${missing.length - shown.length} more; --json shows them`]
      : []),
    ...repairLines(outbox, options.repair),
  ];
}

const HEAD = ['consumer', 'must have', ...FATES, 'late', 'repairing', 'lost'];

function cells({ consumer, service, expected, fates, states, beyond }: ReaderReport): string[] {
  const late = beyond === 0 ? `${states.late}` : `${states.late} + ${beyond}`;
  return [
    consumer === service ? consumer : `${consumer} (${service})`,
    `${expected}`,
    ...FATES.map((fate) => `${fates[fate]}`),
    late,
    `${states.repairing}`,
    `${states.lost}`,
  ];
}

function table(rows: readonly (readonly string[])[]): string[] {
  const widths = (rows[0] ?? []).map((_, column) => Math.max(...rows.map((row) => row[column]?.length ?? 0)));
  return rows.map((row) => {
    const padded = row.map((cell, column) =>
      column === 0 ? cell.padEnd(widths[column] ?? 0) : cell.padStart(widths[column] ?? 0),
    );
    return `  ${padded.join('  ')}`;
  });
}

function missingLine(event: MissingEvent, now: Date): string {
  const { state, consumer, eventId, topic, key, keySeq, type, writtenAt, notRepaired } = event;
  const what = `${type} ${eventId} (topic ${topic}, key ${key}, sequence ${keySeq})`;
  const age = durationText(now.getTime() - writtenAt.getTime());
  const why = notRepaired === undefined ? '' : ` ${notRepaired}`;
  return `${state} for ${consumer}: ${what}, written ${age} ago: ${placeOf(event)}.${why}`;
}

function placeOf({ state, hop, repairs }: MissingEvent): string {
  const again = state === 'repairing' ? `republished ${repairs} times, now ` : '';
  switch (hop) {
    case 'slot':
      return `${again}before Debezium, whose slot has not passed it`;
    case 'position':
      return `${again}in Kafka, where the consumer has not read so far`;
    case 'topic':
      return 'Debezium has passed it, and it is not in the topic';
    case 'consumer':
      return 'it is in the topic, and the consumer has read past it';
    case 'unknown':
      return 'Debezium has passed it, and the consumer has read past where it must be';
  }
}

function repairLines({ repaired, missing }: OutboxReport, repair: boolean): string[] {
  if (repaired.length > 0)
    return [
      `  published once more: ${count(repaired.length, 'event')}; the next audit shows whether they arrived`,
    ];
  const left = new Set(
    missing.flatMap(({ state, notRepaired, eventId }) =>
      state === 'lost' && notRepaired === undefined ? [eventId] : [],
    ),
  );
  if (left.size === 0) return [];
  return repair
    ? ['  published nothing: another audit has just done so']
    : [`  → npx outbox audit --repair publishes ${count(left.size, 'event')} once more`];
}

const count = (number: number, what: string): string =>
  `${number.toLocaleString('en')} ${what}${number === 1 ? '' : 's'}`;

/** For programs: everything, of the missing ones the first thousand of each outbox. */
export function auditJson(report: AuditReport): unknown {
  return {
    verdict: verdictOf(report),
    at: report.at,
    tookMs: report.tookMs,
    outboxes: report.outboxes.map(({ missing, problems: _, ...outbox }) => ({
      ...outbox,
      missingEvents: missing.length,
      missing: missing.slice(0, IN_JSON),
    })),
    problems: report.problems.map(({ service, error }) => ({ service, reason: describeError(error) })),
  };
}

/** One log line a round: sums over all outboxes, and the lost ones by name. */
export function roundSummary(report: AuditReport): { readonly sentence: string } & Record<string, unknown> {
  const readers = report.outboxes.flatMap((outbox) => outbox.readers);
  const sum = (of: (reader: ReaderReport) => number): number =>
    readers.reduce((total, reader) => total + of(reader), 0);
  const missing = report.outboxes.flatMap((outbox) => outbox.missing);
  const lost = missing.filter(({ state }) => state === 'lost');
  const sums = {
    rows: report.outboxes.reduce((total, { rows }) => total + rows, 0),
    late: sum(({ states, beyond }) => states.late + beyond),
    repairing: sum(({ states }) => states.repairing),
    lost: lost.length,
    repaired: report.outboxes.reduce((total, { repaired }) => total + repaired.length, 0),
  };
  const doubts = report.outboxes.flatMap(({ doubt }) => (doubt === undefined ? [] : [doubt]));
  const oldestLate = missing.find(({ state }) => state === 'late');
  return {
    ...sums,
    tookMs: report.tookMs,
    ...(oldestLate !== undefined && { oldestLateAt: oldestLate.writtenAt, lateHop: oldestLate.hop }),
    ...(lost.length > 0 && { events: lost.slice(0, IN_A_LINE).map(inALine) }),
    ...(doubts.length > 0 && { doubts }),
    ...(report.problems.length > 0 && {
      problems: report.problems.map(({ service, error }) => `${service}: ${describeError(error)}`),
    }),
    sentence: sentenceOf(report, sums),
  };
}

/** Without the key, which is a customer's: `npx outbox trace <event>` shows all of it. */
const inALine = ({ eventId, topic, type, keySeq, consumer, hop }: MissingEvent) => ({
  ...{ eventId, topic, type, keySeq, consumer, hop },
});

function sentenceOf(
  report: AuditReport,
  { late, repairing, lost }: Readonly<Record<'late' | 'repairing' | 'lost', number>>,
): string {
  const onTheWay = [
    ...(late > 0 ? [`${count(late, 'event')} late`] : []),
    ...(repairing > 0 ? [`${count(repairing, 'event')} on the way once more`] : []),
  ];
  const asked = report.problems.length > 0 ? ['not everything could be asked'] : [];
  switch (verdictOf(report)) {
    case 'proven':
      return 'Every event has arrived where it must.';
    case 'missing':
      return `${[`${count(lost, 'event')} LOST`, ...onTheWay, ...asked].join(', ')}.`;
    case 'late':
    case 'unreachable':
      return `Nothing is known to be lost; ${[...onTheWay, ...asked].join(', ')}.`;
  }
}
