import { Option } from 'commander';
import { wholeNumber } from '../whole-number.ts';

export interface DashboardOptions {
  /** Events a second in the topics; an order makes three. */
  readonly rate: number;
  /** Of each measurement. */
  readonly seconds: number;
  /** File for the figures. */
  readonly json?: string;
  /** Folder for a CPU profile of the dashboard's server. */
  readonly cpuProf?: string;
}

export const dashboardOptions: readonly Option[] = [
  new Option('--rate <n>', 'events a second in the topics; an order makes three of them')
    .default(1_000)
    .argParser(wholeNumber(3)),
  new Option('--seconds <n>', 'how long each measurement lasts').default(30).argParser(wholeNumber(1)),
  new Option('--json <file>', 'write the figures to this file as well'),
  new Option('--cpu-prof <folder>', "write a CPU profile of the dashboard's server to this folder"),
];
