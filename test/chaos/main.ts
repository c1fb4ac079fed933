/**
 * `npm run test:chaos -- [--seed N] [--minutes M] [--each] [--fault NAME]`: load and faults on a real stack of its own, then the
 * checks. Exit codes: 0 every invariant holds, 1 one does not, 2 wrong usage or the storm could not be run, 130 and 143 broken off.
 */
import { Command, CommanderError, InvalidArgumentError } from 'commander';
import { writeFileSync } from 'node:fs';
import { constants } from 'node:os';
import { describeError } from '../../src/platform/errors.ts';
import { StackError } from '../../scripts/stack/stack-error.ts';
import type { Fault } from './fault.ts';
import { faults } from './faults.ts';
import { renderReport } from './render-report.ts';
import { storm } from './storm-command.ts';
import type { StormOptions } from './storm-command.ts';

interface Options extends Omit<StormOptions, 'faults' | 'again'> {
  readonly fault: readonly Fault[];
  readonly list?: true;
  readonly json?: string;
  readonly report?: string | true;
}

const number =
  (least: number, isWhole: boolean) =>
  (text: string): number => {
    const value = Number(text);
    if (text.trim() !== '' && value >= least && (!isWhole || Number.isSafeInteger(value))) return value;
    throw new InvalidArgumentError(`It must be a ${isWhole ? 'whole ' : ''}number, ${least} or more.`);
  };

function addFault(name: string, before: readonly Fault[]): readonly Fault[] {
  const found = faults.filter((fault) => fault.name === name);
  if (found.length === 0) throw new InvalidArgumentError(`There is no fault ${name}; --list names them all.`);
  return [...before, ...found];
}

const REPORT = 'test/chaos/REPORT.md';

const command = new Command('test:chaos')
  .description(
    'Orders, cancels, returns and repeated requests over HTTP while parts are killed, stopped and spoilt as the seed says; ' +
      'then quiet, and every invariant is checked. On a stack of its own (free ports, own folder), removed at the end.',
  )
  .option('--seed <n>', 'the same seed gives the same requests and the same faults', number(0, true), 1)
  .option('--minutes <m>', 'how long faults are planned for; making good takes longer', number(0.1, false), 2)
  .option('--rate <n>', 'orders and returns a second', number(0.1, false), 15)
  .option('--fault <name>', 'only this fault, may be given several times', addFault, [])
  .option('--each', 'every fault once, in the order of --list, however long it takes')
  .option('--list', 'name all faults, and end')
  .option('--json <file>', 'write what happened to this file')
  .option('--logs <folder>', 'write what each service printed to files in it')
  .option('--report [file]', `write a report as Markdown, to ${REPORT} unless told`)
  .exitOverride();

async function main(): Promise<number> {
  command.parse();
  const { fault: named, list, json, report, ...rest } = command.opts<Options>();
  if (list === true) {
    for (const { name, what } of faults) console.log(`${name.padEnd(34)} ${what}`);
    return 0;
  }
  const options = { ...rest, faults: named.length === 0 ? faults : named, again: againOf(rest, named) };
  const { signal, forget } = abortOnSignal(options.again);
  const result = await storm(options, signal).finally(forget);
  if (json !== undefined) writeFileSync(json, `${JSON.stringify(result, undefined, 2)}\n`);
  if (report !== undefined) writeFileSync(report === true ? REPORT : report, renderReport(result));
  return result.violations.length === 0 ? 0 : 1;
}

function againOf({ seed, minutes, rate, each }: Omit<Options, 'fault'>, named: readonly Fault[]): string {
  const long = each === true ? '--each' : `--minutes ${minutes}`;
  return [
    `npm run test:chaos -- --seed ${seed} ${long} --rate ${rate}`,
    ...named.map(({ name }) => name),
  ].join(' --fault ');
}

class BrokenOff extends Error {
  readonly exitCode: number;

  constructor(signal: 'SIGINT' | 'SIGTERM', again: string) {
    super(`Broken off, and nothing was checked. The same storm again: ${again}`);
    this.exitCode = 128 + constants.signals[signal];
  }
}

/** The first signal breaks off and cleans up; a second one ends the process at once. */
function abortOnSignal(again: string): { signal: AbortSignal; forget: () => void } {
  const stopping = new AbortController();
  const signals = ['SIGINT', 'SIGTERM'] as const;
  const forget = (): void => signals.forEach((signal) => process.off(signal, onSignal));
  const onSignal = (signal: (typeof signals)[number]): void => {
    forget();
    console.log('\nBreaking off, and removing what was started. Once more to leave it all lying about.');
    stopping.abort(new BrokenOff(signal, again));
  };
  for (const signal of signals) process.on(signal, onSignal);
  return { signal: stopping.signal, forget };
}

try {
  process.exit(await main());
} catch (error) {
  if (error instanceof CommanderError) process.exit(error.exitCode === 0 ? 0 : 2);
  if (error instanceof BrokenOff) {
    console.error(`✗ ${error.message}`);
    process.exit(error.exitCode);
  }
  console.error(`✗ ${error instanceof StackError ? error.describe() : describeError(error)}`);
  process.exit(2);
}
