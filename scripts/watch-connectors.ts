import { setTimeout as delay } from 'node:timers/promises';
import type { ConnectClient } from '../src/connect/connect-client.ts';
import { statusRows, type StatusRow } from '../src/connect/connector-status.ts';
import { describeError } from '../src/platform/errors.ts';
import { statusLines } from './print-status-table.ts';

/** Over a pipe a line is written when something changed; this often all of it, so that a quiet log shows that somebody looks. */
const FULL_EVERY_MS = 60_000;

/** What one look found: rows, or the sentence why Connect gave none. */
type Look = { readonly rows: StatusRow[] } | { readonly unreachable: string };

/** Shows the status of these connectors until SIGINT or SIGTERM; a Connect that is away is shown, not an end. */
export async function watchConnectors(
  client: ConnectClient,
  names: readonly string[],
  options: { everyMs: number; json: boolean },
): Promise<void> {
  const stopped = new AbortController();
  const stop = (): void => stopped.abort();
  process.once('SIGINT', stop);
  process.once('SIGTERM', stop);
  // A reader that has gone (`| head`) ends the watch as Ctrl-C does.
  process.stdout.once('error', stop);
  const show = process.stdout.isTTY && !options.json ? redrawer() : lineWriter(options.json);
  while (!stopped.signal.aborted) {
    show(await look(client, names));
    await delay(options.everyMs, undefined, { signal: stopped.signal }).catch(() => undefined);
  }
  process.off('SIGINT', stop);
  process.off('SIGTERM', stop);
}

async function look(client: ConnectClient, names: readonly string[]): Promise<Look> {
  try {
    const rows = await Promise.all(names.map(async (name) => statusRows(name, await client.status(name))));
    return { rows: rows.flat() };
  } catch (error) {
    return { unreachable: describeError(error) };
  }
}

/** In place: back to the first line of the last picture, then write over it. */
function redrawer(): (look: Look) => void {
  let height = 0;
  return (found) => {
    const lines = 'rows' in found ? statusLines(found.rows, true) : [found.unreachable];
    const picture = [`${clock()}  Ctrl-C ends`, ...lines].map((line) => fitted(line));
    process.stdout.write(`${height > 0 ? `\u001b[${height}F` : ''}\u001b[0J${picture.join('\n')}\n`);
    height = picture.length;
  };
}

/** One line for each part whose state, worker or problem is another than at the last look. */
function lineWriter(json: boolean): (look: Look) => void {
  let before = new Map<string, string>();
  let fullAt = 0;
  return (found) => {
    const full = Date.now() >= fullAt;
    if (full) fullAt = Date.now() + FULL_EVERY_MS;
    const lines = 'rows' in found ? rowLines(found.rows, json) : unreachableLine(found.unreachable, json);
    for (const [part, line] of lines)
      if (full || before.get(part) !== line) console.log(json ? withTime(line) : `${clock()}  ${line}`);
    before = lines;
  };
}

function rowLines(rows: readonly StatusRow[], json: boolean): Map<string, string> {
  return new Map(
    rows.map((row) => [
      `${row.connector} ${row.part}`,
      json
        ? JSON.stringify(row)
        : [row.connector, row.part, row.state, row.worker, row.problem ?? ''].join('  ').trimEnd(),
    ]),
  );
}

function unreachableLine(sentence: string, json: boolean): Map<string, string> {
  return new Map([['', json ? JSON.stringify({ unreachable: sentence }) : sentence]]);
}

function withTime(line: string): string {
  return `{"at":"${new Date().toISOString()}",${line.slice(1)}`;
}

function clock(): string {
  return new Date().toTimeString().slice(0, 8);
}

/** A line that wraps would make the picture higher than it is counted. Colours take no room. */
function fitted(line: string): string {
  // A terminal that does not tell its width says 0.
  const width = process.stdout.columns > 0 ? process.stdout.columns : Number.MAX_SAFE_INTEGER;
  // eslint-disable-next-line no-control-regex -- the escape character is what is looked for
  const plain = line.replaceAll(/\u001b\[\d+m/g, '');
  return plain.length <= width ? line : `${plain.slice(0, width - 1)}…`;
}
