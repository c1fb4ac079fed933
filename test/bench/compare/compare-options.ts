import { InvalidArgumentError, Option } from 'commander';
import { wholeNumber } from '../whole-number.ts';
import { arms, armsNamed, usualArms } from './arms/arms.ts';

export interface CompareOptions {
  readonly arms: readonly string[];
  /** Orders a second. */
  readonly rates: readonly number[];
  readonly seconds: number;
  readonly warmUpSeconds: number;
  readonly repeats: number;
  readonly customers: number;
  readonly skus: number;
  readonly seed: number;
  readonly json?: string;
  /** Of the section of the report, and of its file in bench/results. */
  readonly section: string;
}

/** What was given beats what --quick stands for. */
export interface GivenOptions extends Partial<CompareOptions> {
  readonly quick?: true;
}

const full: CompareOptions = {
  arms: usualArms,
  rates: [20, 100, 500, 1_000, 2_000],
  seconds: 20,
  warmUpSeconds: 20,
  repeats: 3,
  customers: 30_000,
  skus: 1_000,
  seed: 1,
  section: 'compare',
};

const quick: CompareOptions = {
  ...full,
  rates: [100, 500],
  seconds: 3,
  warmUpSeconds: 3,
  repeats: 1,
};

export function compareSettings({ quick: isQuick, ...given }: GivenOptions): CompareOptions {
  return { ...(isQuick === true ? quick : full), ...given };
}

/** Names of arms as one option. */
export function armList(text: string): string[] {
  return text.split(',').flatMap((name) => {
    const found = armsNamed(name);
    if (found === undefined)
      throw new InvalidArgumentError(
        `There is no arm ${name}. There are: ${arms.map((arm) => arm.name).join(', ')}; "polling" stands for all that begin so.`,
      );
    return found.map((arm) => arm.name);
  });
}

const rateList = (text: string): number[] =>
  text
    .split(',')
    .map(wholeNumber(1))
    .toSorted((a, b) => a - b);

export const compareOptions: readonly Option[] = [
  new Option(
    '--quick',
    'in under four minutes, with one short run of each arm: whether it works, not how fast it is',
  ),
  new Option('--arms <names>', 'arms to compare, separated by commas').argParser(armList),
  new Option('--rates <list>', 'orders a second, separated by commas').argParser(rateList),
  new Option('--seconds <n>', 'how long each rate is held').argParser(wholeNumber(1)),
  new Option('--warm-up-seconds <n>', 'load before the first rate, thrown away').argParser(wholeNumber(0)),
  new Option('--repeats <n>', 'how often all arms are run, in another order each time').argParser(
    wholeNumber(1),
  ),
  new Option('--customers <n>', 'customers who order').argParser(wholeNumber(1)),
  new Option('--skus <n>', 'skus on the shelf').argParser(wholeNumber(2)),
  new Option('--seed <n>', 'another seed gives other orders at other times').argParser(wholeNumber(0)),
  new Option('--json <file>', 'write the figures to this file, and not into the report'),
  new Option('--section <name>', 'section of the report to write').choices(['compare', 'polling', 'sustain']),
];
