import { styleText } from 'node:util';
import type { ParkedKey } from '../../operate/parked/list-parked.ts';
import type { DecisionRow, QueuedRow } from '../../operate/parked/show-parked.ts';
import { bytesText, durationText } from '../quantities.ts';

const HEAD = ['consumer', 'key', 'state', 'for', 'events', 'first event', 'tries'];

/** The table of held keys, and under each key why it is held. */
export function heldLines(held: readonly ParkedKey[], now: Date): string[] {
  if (held.length === 0) return [styleText('green', 'Nothing is held: no key is parked, none waits.')];
  const rows = held.map((one) => [
    one.consumer,
    one.key,
    one.state,
    durationText(now.getTime() - one.since.getTime()),
    String(one.events),
    `${one.firstType ?? '?'} ${one.firstKeySeq ?? '?'}`,
    String(one.attempts),
  ]);
  const widths = HEAD.map((_, column) =>
    Math.max(...[HEAD, ...rows].map((cells) => (cells[column] ?? '').length)),
  );
  const lineOf = (cells: readonly string[]): string =>
    cells
      .map((cell, column) => cell.padEnd(widths[column] ?? 0))
      .join('  ')
      .trimEnd();
  return [
    styleText('dim', lineOf(HEAD)),
    ...held.flatMap((one, index) => [lineOf(rows[index] ?? []), `  ${why(one)}`, ...requestLines(one)]),
  ];
}

/** One line for one key, where a table would be too much. */
export const heldLine = (held: ParkedKey): string =>
  `${held.consumer} ${held.key} (${held.state}, ${held.events} ${held.events === 1 ? 'event' : 'events'}): ${why(held)}`;

const why = ({ code, reason }: ParkedKey): string => `${styleText('yellow', code)}: ${firstLine(reason)}`;

function requestLines({ request, requestedBy, answer }: ParkedKey): string[] {
  if (request !== null) return [`  ${request} was asked for by ${requestedBy ?? '?'} and is not done yet`];
  return answer === null
    ? []
    : [`  the last request of ${requestedBy ?? '?'} was answered: ${firstLine(answer)}`];
}

export function queueLines(queue: readonly QueuedRow[], inAll: number): string[] {
  const rows = queue.map(
    (event) =>
      `  ${String(event.keySeq ?? '?').padStart(6)}  ${event.type ?? '?'}  ${event.eventId}  partition ${event.partition}, offset ${event.offset}, ${bytesText(event.bytes)}${event.traceparent === null ? '' : `, trace ${event.traceparent}`}`,
  );
  const left = inAll - queue.length;
  return left > 0 ? [...rows, `  and ${left} more`] : rows;
}

export const decisionLines = (decisions: readonly DecisionRow[]): string[] =>
  decisions.map(
    ({ decision, keySeq, who, why: reason, decidedAt }) =>
      `  ${decidedAt.toISOString()}  ${decision} ${keySeq ?? '?'} by ${who}${reason === null ? '' : `: ${reason}`}`,
  );

const firstLine = (text: string): string => text.split('\n', 1)[0] ?? '';
