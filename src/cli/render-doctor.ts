import { styleText } from 'node:util';
import { countLines } from '../operate/doctor/run-doctor.ts';
import type { ExaminedSection, Line } from '../operate/doctor/section.ts';
import { wrapped } from './wrapped.ts';

/** For a terminal: symbols and colours. For a pipe: words, one finding a line, nothing wrapped. */
export interface Paper {
  readonly symbols: boolean;
  readonly columns: number;
}

const SYMBOLS = { ok: '✓', warning: '!', problem: '✗', skipped: '-' } as const;
const COLOURS = { ok: 'green', warning: 'yellow', problem: 'red', skipped: 'gray' } as const;

export function renderDoctor(sections: readonly ExaminedSection[], paper: Paper): string {
  const names = sections.flatMap((section) => linesOf(section).map(({ check }) => check.length));
  const width = Math.max(...names);
  const blocks = sections.map((section) =>
    [bold(section.title, paper), ...renderLines(linesOf(section), width, paper)].join('\n'),
  );
  return [...blocks, summary(sections, paper)].join('\n\n');
}

/** What could not be asked for one reason is one line. */
function linesOf({ lines }: ExaminedSection): Line[] {
  const unasked = lines.filter(
    ({ verdict, sentence }) => verdict === 'skipped' && sentence === 'not reached',
  );
  const [first] = unasked;
  if (first === undefined || unasked.length === 1) return [...lines];
  const names = unasked.map(({ check }) => check).join(', ');
  const rest = lines.filter((line) => !unasked.includes(line));
  return [...rest, { ...first, check: 'not looked at', sentence: names }];
}

/** On a terminal a check that found several things is named once; in a pipe each line is whole, for grep. */
function renderLines(lines: readonly Line[], width: number, paper: Paper): string[] {
  return lines.flatMap((line, index) => {
    const named = paper.symbols && lines[index - 1]?.check === line.check ? { ...line, check: '' } : line;
    return renderLine(named, width, paper);
  });
}

function renderLine(line: Line, width: number, paper: Paper): string[] {
  const { verdict, check, sentence, remedy } = line;
  const mark = paper.symbols ? styleText(COLOURS[verdict], SYMBOLS[verdict]) : verdict.padEnd(7);
  const indent = (paper.symbols ? 1 : 7) + 4 + width + 2;
  const [head = '', ...rest] = wrapped(sentence, paper.columns - indent);
  const more = [...rest, ...(remedy === undefined ? [] : wrapped(`→ ${remedy}`, paper.columns - indent))];
  const blank = ' '.repeat(indent);
  return [
    `  ${mark}  ${check.padEnd(width)}  ${verdict === 'skipped' ? dim(head, paper) : head}`,
    ...more.map((text) => `${blank}${text}`),
  ];
}

function summary(sections: readonly ExaminedSection[], paper: Paper): string {
  const counts = countLines(sections);
  const said = [
    many(counts.problem, 'problem'),
    many(counts.warning, 'warning'),
    `${counts.ok} ok`,
    ...(counts.skipped > 0 ? [`${counts.skipped} not looked at`] : []),
  ].join(', ');
  const colour = counts.problem > 0 ? 'red' : counts.warning > 0 ? 'yellow' : 'green';
  const text =
    counts.problem + counts.warning === 0 && counts.skipped === 0 ? `All is well: ${said}.` : `${said}.`;
  return paper.symbols ? styleText(['bold', colour], text) : text;
}

const many = (count: number, what: string): string => `${count} ${what}${count === 1 ? '' : 's'}`;
const bold = (text: string, { symbols }: Paper): string => (symbols ? styleText('bold', text) : text);
const dim = (text: string, { symbols }: Paper): string => (symbols ? styleText('gray', text) : text);
