import { Option } from 'commander';
import { wholeNumber } from './whole-number.ts';

// What the commands of the bench have in common. New ones each time: commander writes the default into an option.

export const repeatsOption = (repeats: number): Option =>
  new Option('--repeats <n>', 'how often, in another order each time')
    .argParser(wholeNumber(1))
    .default(repeats);

export const seedOption = (): Option =>
  new Option('--seed <n>', 'another seed gives other orders').argParser(wholeNumber(0)).default(1);

export const jsonOption = (): Option =>
  new Option('--json <file>', 'write the figures to this file, and not into the report');

/** Each repeat sends other orders, and each arm the same ones. */
export const seedOfRepeat = (seed: number, repeat: number): number => seed + 1_000 * repeat;

/** Of the whole stack: see `warmUpStack`. */
export const stackWarmUpOption = (): Option =>
  new Option('--stack-warm-up-seconds <n>', 'load before everything else, thrown away')
    .argParser(wholeNumber(0))
    .default(45);
