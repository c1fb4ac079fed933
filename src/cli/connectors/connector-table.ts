import { styleText } from 'node:util';
import type { StatusRow } from '../../connect/connector-status.ts';
import { connectorHealth } from '../../operate/watch/connector-health.ts';
import { foundOf, type ConnectorLook, type LookedPart } from '../../operate/watch/connector-look.ts';
import { secondsUntilFull } from '../../operate/watch/wal-growth.ts';
import { bytesText, durationText } from '../quantities.ts';
import { WIDTH } from '../wrapped.ts';

const HEAD = ['connector', 'state', 'worker', 'since', 'restarts', 'slot', 'WAL', 'full in', 'beat', 'event'];
const WORKER = 2;
const STATE = 1;
/** Columns, and how narrow they may become. */
const NARROWED = [
  [WORKER, 6],
  [0, 16],
] as const;

/** The table of these looks, and under it a line for each thing that is wrong. */
export function tableLines(looks: readonly ConnectorLook[], width = WIDTH): string[] {
  const rows = looks.flatMap((look) => look.parts.map((part, index) => cellsOf(look, part, index)));
  const widths = columnWidths([HEAD, ...rows], width);
  const lineOf = (cells: readonly string[], paint?: (text: string) => string): string =>
    cells
      .map((cell, column) => {
        const text = fitted(cell, widths[column] ?? 0, column).padEnd(widths[column] ?? 0);
        return column === STATE && paint !== undefined ? paint(text) : text;
      })
      .join('  ')
      .trimEnd();
  return [
    styleText('dim', lineOf(HEAD)),
    ...rows.map((cells) => lineOf(cells, (text) => paintState(cells[STATE] ?? '', text))),
    ...reasonLines(looks),
  ];
}

/** What is wrong, connector by connector; one line when nothing is. */
function reasonLines(looks: readonly ConnectorLook[]): string[] {
  const wrong = looks.flatMap((look) =>
    connectorHealth(look).reasons.map((reason) => `${styleText('red', look.name)}: ${reason}`),
  );
  if (wrong.length > 0) return ['', ...wrong];
  return looks.length === 0 ? ['There is no connector.'] : ['', styleText('green', 'All of it is healthy.')];
}

/** What consumers wait for, below what is said of the connectors. */
export const waitingLines = (sentences: readonly string[]): string[] =>
  sentences.map((sentence) => styleText('yellow', sentence));

/** What belongs to the whole connector stands beside its task, which is what reads the slot. */
function cellsOf(look: ConnectorLook, part: LookedPart, index: number): string[] {
  const isLast = index === look.parts.length - 1;
  return [
    index === 0 ? look.name : `  ${part.part}`,
    part.state,
    part.worker,
    part.history === undefined ? '-' : durationText(look.at.getTime() - part.history.since.getTime()),
    part.history === undefined ? '-' : String(part.history.restarts),
    ...(isLast ? flowCells(look) : ['', '', '', '', '']),
  ];
}

/** `?`: it could not be asked, a line under the table says why. `-`: there is nothing to say. */
export function flowCells(look: ConnectorLook): string[] {
  const slot = foundOf(look.slot);
  const unknown = (looked: ConnectorLook['slot' | 'heartbeatAt' | 'probe']): string =>
    looked !== undefined && 'unreachable' in looked ? '?' : '-';
  const heartbeatAt = foundOf(look.heartbeatAt);
  const probe = foundOf(look.probe);
  return [
    slot === undefined && look.slot !== undefined && 'found' in look.slot
      ? 'missing'
      : slot === undefined
        ? unknown(look.slot)
        : slotText(slot),
    slot === undefined ? unknown(look.slot) : bytesText(slot.bytesHeld),
    slot === undefined ? unknown(look.slot) : fullText(look),
    heartbeatAt === undefined
      ? unknown(look.heartbeatAt)
      : durationText(look.at.getTime() - heartbeatAt.getTime()),
    probe === undefined ? unknown(look.probe) : `${probe.arrived ? '' : '>'}${durationText(probe.ageMs)}`,
  ];
}

function slotText(slot: { readonly active: boolean; readonly walStatus: string }): string {
  if (slot.walStatus === 'lost') return 'lost';
  return slot.active ? 'active' : 'unread';
}

function fullText(look: ConnectorLook): string {
  const slot = foundOf(look.slot);
  if (slot === undefined) return '-';
  if (slot.bytesLeft === undefined) return slot.walStatus === 'lost' ? '-' : 'no cap';
  const seconds = secondsUntilFull(slot, look.walBytesPerSecond);
  if (seconds !== undefined) return durationText(seconds * 1_000);
  return look.walBytesPerSecond === undefined ? '-' : 'never';
}

/** Where it is too wide the worker's column gives way first, then the names'. */
function columnWidths(rows: readonly (readonly string[])[], width: number): number[] {
  const widths = HEAD.map((_, column) => Math.max(...rows.map((cells) => (cells[column] ?? '').length)));
  for (const [column, least] of NARROWED) {
    const total = widths.reduce((sum, one) => sum + one, 2 * (widths.length - 1));
    widths[column] = Math.max(
      Math.min(least, widths[column] ?? 0),
      (widths[column] ?? 0) - Math.max(0, total - width),
    );
  }
  return widths;
}

/** Which worker it is shows in the end of its address, which connector in the beginning of its name. */
function fitted(text: string, width: number, column: number): string {
  if (text.length <= width) return text;
  return column === WORKER ? `…${text.slice(text.length - width + 1)}` : `${text.slice(0, width - 1)}…`;
}

function paintState(state: string, text: string): string {
  if (state === 'RUNNING') return styleText('green', text);
  return styleText(state === 'FAILED' || state === 'MISSING' ? 'red' : 'yellow', text);
}

/** Connectors and tasks with their state alone, and what a failed one said. */
export function stateLines(rows: readonly StatusRow[]): string[] {
  const cells = rows.map(({ connector, part }) => (part === 'connector' ? connector : `  ${part}`));
  const [first, second] = [cells, rows.map(({ state }) => state)].map((column) =>
    Math.max(0, ...column.map((cell) => cell.length)),
  );
  return rows.flatMap(({ state, worker, problem }, index) => [
    `${(cells[index] ?? '').padEnd(first ?? 0)}  ${paintState(state, state.padEnd(second ?? 0))}  ${worker}`,
    ...(problem === undefined ? [] : [`    ${problem}`]),
  ]);
}

/** For `--json`: what was found, `null` where nothing is known. */
export function lookJson(look: ConnectorLook): Record<string, unknown> {
  const { healthy, reasons } = connectorHealth(look);
  const slot = foundOf(look.slot);
  const heartbeatAt = foundOf(look.heartbeatAt);
  const probe = foundOf(look.probe);
  const seconds = slot && secondsUntilFull(slot, look.walBytesPerSecond);
  return {
    name: look.name,
    at: look.at.toISOString(),
    healthy,
    reasons,
    parts: look.parts.map(({ part, state, worker, problem, history }) => ({
      part,
      state,
      worker,
      since: history?.since.toISOString() ?? null,
      restarts: history?.restarts ?? null,
      restartsSince: history?.knownFrom.toISOString() ?? null,
      problem: problem ?? null,
    })),
    slot: slot
      ? {
          name: slot.name,
          active: slot.active,
          walStatus: slot.walStatus,
          bytesHeld: slot.bytesHeld,
          bytesLeft: slot.bytesLeft ?? null,
          bytesPerSecond: look.walBytesPerSecond === undefined ? null : Math.round(look.walBytesPerSecond),
          secondsUntilFull: seconds === undefined ? null : Math.round(seconds),
        }
      : null,
    heartbeatAgeMs: heartbeatAt === undefined ? null : look.at.getTime() - heartbeatAt.getTime(),
    event: probe
      ? { arrived: probe.arrived, ageMs: probe.ageMs, slowHop: probe.slowHop, hops: probe.hops }
      : null,
    findings: foundOf(look.findings) ?? null,
  };
}
