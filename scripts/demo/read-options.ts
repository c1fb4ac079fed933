import { fileURLToPath } from 'node:url';
import { Command, CommanderError, InvalidArgumentError } from 'commander';

export interface DemoOptions {
  readonly once: boolean;
  readonly json: boolean;
  readonly yes: boolean;
  readonly file: string;
  readonly orders?: number;
  /** Requests per second. */
  readonly rate?: number;
}

const defaultFile = fileURLToPath(new URL('data/online-retail-2010-12.csv.gz', import.meta.url));

/** Reads the command line. A wrong one ends the process with code 2 and one sentence, `--help` with 0. */
export function readOptions(argv: readonly string[]): DemoOptions {
  const command = new Command('demo')
    .usage('[options]     (as an npm script: npm run demo -- [options])')
    .description(
      'Starts the whole pipeline on this machine, sends the orders of a shop through it, and checks that nothing was ' +
        'lost and nothing applied twice. It then stays up until Ctrl-C.',
    )
    .option(
      '--once',
      'exit after the summary: 0 if nothing was lost or applied twice and the stock adds up, else 1',
    )
    .option('--orders <n>', 'send the first n orders only, and the returns between them', positiveInteger)
    .option(
      '--file <csv>',
      'invoices to send, CSV or CSV.gz with the columns of the default, a month of a real shop',
    )
    .option(
      '--rate <n/s>',
      'requests per second, such as 50/s (default: as fast as they are answered)',
      perSecond,
    )
    .option('--json', 'print the summary as one JSON object on the last line of stdout, all else on stderr')
    .option('--yes', 'install a missing JDK or Maven without asking (Debian and Ubuntu, as root)')
    .allowExcessArguments(false)
    .exitOverride();
  try {
    const given = command.parse(argv, { from: 'user' }).opts<Partial<DemoOptions>>();
    return { once: false, json: false, yes: false, file: defaultFile, ...given };
  } catch (error) {
    if (error instanceof CommanderError) process.exit(error.exitCode === 0 ? 0 : 2);
    throw error;
  }
}

function positiveInteger(text: string): number {
  const value = Number(text);
  if (/^\d+$/.test(text) && value >= 1 && Number.isSafeInteger(value)) return value;
  throw new InvalidArgumentError('It must be a whole number, 1 or more.');
}

function perSecond(text: string): number {
  const value = Number(/^(\d+(?:\.\d+)?)(?:\/s)?$/.exec(text)?.[1] ?? Number.NaN);
  if (value > 0 && value <= 100_000) return value;
  throw new InvalidArgumentError('It must be a number of requests per second, such as 50 or 50/s.');
}
