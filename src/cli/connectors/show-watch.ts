import { styleText } from 'node:util';
import { connectorHealth } from '../../operate/watch/connector-health.ts';
import type { ConnectorLook } from '../../operate/watch/connector-look.ts';
import type { HealingNews } from '../../operate/watch/heal-once.ts';
import type { WatchPicture } from '../../operate/watch/watch-connectors.ts';
import { flowCells, lookJson, tableLines, waitingLines } from './connector-table.ts';
import { durationText } from '../quantities.ts';

export interface WatchScreen {
  show(picture: WatchPicture): void;
  tell(news: HealingNews): void;
}

/** Where the lines go, and how much room there is. */
export interface WatchOutput {
  write(text: string): void;
  readonly columns: number | undefined;
  readonly rows: number | undefined;
}

/** Over a pipe a line is written when something changed; this often all of it, so that a quiet log shows that somebody looks. */
const FULL_EVERY_MS = 60_000;
const NEWS_SHOWN = 8;

/** In place: back to the first line of the last picture, then write over it. */
export function redrawnScreen(output: WatchOutput): WatchScreen {
  let height = 0;
  let last: WatchPicture | undefined;
  const news: string[] = [];
  const draw = (picture: WatchPicture): void => {
    last = picture;
    // A terminal that does not tell its size says 0. A line that wraps, or a picture that scrolls, would not be written over.
    const columns = output.columns || Number.MAX_SAFE_INTEGER;
    const rows = output.rows || Number.MAX_SAFE_INTEGER;
    const found =
      'looks' in picture
        ? [...tableLines(picture.looks, Math.min(columns, 140)), ...waitingLines(picture.waiting)]
        : [styleText('red', picture.unreachable)];
    const title = styleText('dim', `${timeOf(picture.at)}  Ctrl-C ends`);
    const lines = [title, ...found, ...(news.length > 0 ? ['', ...news] : [])];
    const shown = lines.flatMap((line) => wrapped(line, columns)).slice(0, rows - 1);
    output.write(`${height > 0 ? `\u001b[${height}F` : ''}\u001b[0J${shown.join('\n')}\n`);
    height = shown.length;
  };
  return {
    show: draw,
    tell({ at, sentence }) {
      news.push(`${timeOf(at)}  ${sentence}`);
      if (news.length > NEWS_SHOWN) news.shift();
      if (last !== undefined) draw(last);
    },
  };
}

/** One line for each part and each sentence that is another than at the last look. */
export function lineScreen(output: WatchOutput): WatchScreen {
  const changed = changes();
  return {
    show(picture) {
      const lines =
        'looks' in picture
          ? [...picture.looks.flatMap(plainLines), ...picture.waiting.map(keyed)]
          : [{ key: '', line: picture.unreachable }];
      for (const line of changed(picture.at, lines)) output.write(`${timeOf(picture.at)}  ${line}\n`);
    },
    tell: ({ at, sentence }) => output.write(`${timeOf(at)}  ${sentence}\n`),
  };
}

/** One JSON object for each connector that is in another way than at the last look, and for each thing that healing did. */
export function jsonScreen(output: WatchOutput): WatchScreen {
  const changed = changes();
  return {
    show(picture) {
      const at = picture.at.toISOString();
      const lines =
        'looks' in picture
          ? [
              ...picture.looks.map((look) => ({
                key: look.name,
                mark: plainLines(look).map(markOf).join('\n'),
                line: JSON.stringify(lookJson(look)),
              })),
              ...picture.waiting.map((waiting) => ({
                ...keyed(waiting),
                line: JSON.stringify({ at, waiting }),
              })),
            ]
          : [{ key: '', line: JSON.stringify({ at, unreachable: picture.unreachable }) }];
      for (const line of changed(picture.at, lines)) output.write(`${line}\n`);
    },
    tell: ({ at, connector, event, sentence }) =>
      output.write(`${JSON.stringify({ at: at.toISOString(), connector, event, sentence })}\n`),
  };
}

interface KeyedLine {
  readonly key: string;
  readonly line: string;
  /** What makes it another one; the line itself where it is left out. Ages and sizes are no news. */
  readonly mark?: string;
}

const markOf = ({ line, mark }: KeyedLine): string => mark ?? line.replaceAll(/\d+/g, '#');

/** A sentence that is the same but for its numbers is no news. */
const keyed = (line: string): KeyedLine => {
  const mark = line.replaceAll(/\d+/g, '#');
  return { key: mark, line, mark };
};

function changes(): (at: Date, lines: readonly KeyedLine[]) => string[] {
  let before = new Map<string, string>();
  let fullAt = 0;
  return (at, lines) => {
    const full = at.getTime() >= fullAt;
    if (full) fullAt = at.getTime() + FULL_EVERY_MS;
    const news = lines.filter((line) => full || before.get(line.key) !== markOf(line));
    before = new Map(lines.map((line) => [line.key, markOf(line)]));
    return news.map(({ line }) => line);
  };
}

function plainLines(look: ConnectorLook): KeyedLine[] {
  const { healthy, reasons } = connectorHealth(look);
  const [slot = '-', wal = '-', full = '-', beat = '-', event = '-'] = flowCells(look);
  const parts = look.parts.map(({ part, state, worker, history }, index): KeyedLine => {
    const since = history && `since ${durationText(look.at.getTime() - history.since.getTime())}`;
    const flow = `slot ${slot}  WAL ${wal}  full in ${full}  beat ${beat}  event ${event}`;
    const isLast = index === look.parts.length - 1;
    const words = [look.name, part, state, worker, since, isLast ? flow : undefined];
    return {
      key: `${look.name} ${part}`,
      line: words.filter((word) => word !== undefined).join('  '),
      mark: [state, worker, isLast ? slot : '', isLast && event.startsWith('>') ? 'late' : ''].join(' '),
    };
  });
  const sentences = reasons.map((reason) => ({
    key: `${look.name} ${reason.replaceAll(/\d+/g, '#')}`,
    line: `${look.name}  ${reason}`,
  }));
  return [
    ...parts,
    ...sentences,
    ...(healthy ? [{ key: `${look.name} healthy`, line: `${look.name}  healthy` }] : []),
  ];
}

const timeOf = (at: Date): string => at.toTimeString().slice(0, 8);

/** Broken by hand, so that the lines of a picture can be counted. Colours take no room. */
function wrapped(line: string, columns: number): string[] {
  // eslint-disable-next-line no-control-regex -- the escape character is what is looked for
  const plain = line.replaceAll(/\u001b\[\d+m/g, '');
  if (plain.length <= columns) return [line];
  const lines: string[] = [];
  for (let at = 0; at < plain.length; at += columns) lines.push(plain.slice(at, at + columns));
  return lines;
}
