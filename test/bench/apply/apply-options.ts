import { Option } from 'commander';
import { wholeNumber } from '../whole-number.ts';
import type { OrderStreamOptions } from './order-stream.ts';

export interface ApplyOptions extends OrderStreamOptions {
  readonly repeats: number;
  /** The connector reads the answers from the log while they are written. */
  readonly streaming: boolean;
  /** File for the figures. */
  readonly json?: string;
  /** Folder for a CPU profile of each run's service. */
  readonly cpuProf?: string;
}

export const applyOptions: readonly Option[] = [
  new Option('--orders <n>', 'orders in the topic').default(300_000).argParser(wholeNumber(1)),
  new Option('--repeats <n>', 'runs that count; one to warm up comes before them')
    .default(3)
    .argParser(wholeNumber(1)),
  new Option('--customers <n>', 'customers who order').default(30_000).argParser(wholeNumber(1)),
  new Option('--skus <n>', 'skus on the shelf').default(1_000).argParser(wholeNumber(2)),
  new Option('--seed <n>', 'another seed gives other orders').default(1).argParser(wholeNumber(0)),
  new Option(
    '--streaming',
    'with the connector of the inventory running, so that the answers are read from the log and published meanwhile',
  ).default(false),
  new Option('--json <file>', 'write the figures to this file as well'),
  new Option('--cpu-prof <folder>', "write a CPU profile of each run's service to this folder"),
];
