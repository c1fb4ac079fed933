import { relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import { Command, CommanderError, InvalidArgumentError } from 'commander';
import { createConnectClient } from '../src/connect/connect-client.ts';
import { connectorForEnvironment } from '../src/connect/connector-for-environment.ts';
import { describeChange } from '../src/connect/connector-changes.ts';
import { statusRows } from '../src/connect/connector-status.ts';
import { readConnectorFiles } from '../src/connect/read-connector-files.ts';
import { registerConnectors, type Registration } from '../src/connect/register-connectors.ts';
import { describeError, PipelineError } from '../src/platform/errors.ts';
import { localEnv } from './local-env.ts';
import { printStatusTable } from './print-status-table.ts';
import { watchConnectors } from './watch-connectors.ts';

interface Options {
  readonly connect: string;
  readonly dir: string;
  readonly timeout: number;
  readonly watch?: true;
  readonly interval: number;
  readonly json?: true;
}

const projectConnectors = fileURLToPath(new URL('../connectors', import.meta.url));

const EXIT = { fine: 0, notSo: 1, usage: 2, unreachable: 3 } as const;

/** Tells Kafka Connect what `connectors/` says; safe to run again and again. */
async function registerFromFiles(options: Options, topicPrefix: string): Promise<number> {
  const files = (await readConnectorFiles(options.dir)).map((file) =>
    connectorForEnvironment(file, { topicPrefix }),
  );
  const client = createConnectClient({ url: options.connect, retryForMs: options.timeout * 1000 });
  // Asked before anything else: a wrong address is one sentence, not one for every connector.
  await client.names();
  if (options.json !== true)
    console.log(
      `Registering ${files.length === 1 ? '1 connector' : `${files.length} connectors`} at ${client.url}`,
    );
  const registrations = await registerConnectors(client, files, { timeoutMs: options.timeout * 1000 });
  if (options.json === true) console.log(JSON.stringify(registrations.map(asJson)));
  else printRegistrations(registrations);
  if (options.watch !== true) return exitCodeOf(registrations);
  const names = files.map((file) => file.name);
  // A look that gets no answer is shown at once; asking again is what the next look does.
  const watcher = createConnectClient({ url: options.connect, retryForMs: 0, requestTimeoutMs: 5_000 });
  await watchConnectors(watcher, names, { everyMs: options.interval * 1000, json: options.json === true });
  return EXIT.fine;
}

function printRegistrations(registrations: readonly Registration[]): void {
  const rows = registrations.flatMap((registration) =>
    statusRows(registration.name, registration.status).map((row, index) => ({
      ...row,
      done: index === 0 ? (registration.action ?? 'refused') : '',
    })),
  );
  printStatusTable(rows);
  for (const { name, changes } of registrations)
    for (const change of changes) console.log(`${name}: ${describeChange(change)}`);
  for (const { problem } of registrations)
    if (problem !== undefined) console.error(`\n${describeError(problem)}`);
}

function asJson(registration: Registration): Record<string, unknown> {
  const { name, action, changes, status, problem } = registration;
  return {
    name,
    action: action ?? 'refused',
    running: problem === undefined,
    changed: changes.map((change) => change.key),
    parts: statusRows(name, status),
    ...(problem && { problem: { code: problem.code, message: problem.message, remedy: problem.remedy } }),
  };
}

function exitCodeOf(registrations: readonly Registration[]): number {
  const problems = registrations.flatMap((registration) => registration.problem ?? []);
  if (problems.some((problem) => problem.code === 'connect_unreachable')) return EXIT.unreachable;
  return problems.length > 0 ? EXIT.notSo : EXIT.fine;
}

function seconds(text: string): number {
  const value = Number(text);
  if (!(value > 0)) throw new InvalidArgumentError('Give a number of seconds above 0.');
  return value;
}

function command(env: Record<string, string>): Command {
  return new Command('connectors:register')
    .description(
      'Creates or updates the connectors of a folder in Kafka Connect and waits until they and their tasks run.',
    )
    .option('--connect <url>', 'Kafka Connect REST address (CONNECT_URL)', env['CONNECT_URL'])
    .option('--dir <folder>', 'folder of connector files', relative(process.cwd(), projectConnectors) || '.')
    .option('--timeout <seconds>', 'how long a connector may take until it runs', seconds, 60)
    .option('--watch', 'keep showing the status until Ctrl-C')
    .option('--interval <seconds>', 'with --watch: how often to look', seconds, 2)
    .option('--json', 'one JSON array instead of lines (with --watch: then one JSON object for each change)')
    .allowExcessArguments(false)
    .exitOverride()
    .addHelpText(
      'after',
      '\nExit codes: 0 all run, 1 one does not, 2 usage or file, 3 Kafka Connect cannot be reached.',
    );
}

async function main(): Promise<number> {
  const env = localEnv();
  try {
    const options = command(env).parse().opts<Options>();
    return await registerFromFiles(options, env['TOPIC_PREFIX'] ?? '');
  } catch (error) {
    // Commander has printed its own sentence, or the help that was asked for.
    if (error instanceof CommanderError) return error.exitCode === 0 ? EXIT.fine : EXIT.usage;
    if (!(error instanceof PipelineError)) throw error;
    console.error(describeError(error));
    if (error.code === 'connect_unreachable') return EXIT.unreachable;
    return error.code === 'connector_file_invalid' || error.code === 'config_invalid'
      ? EXIT.usage
      : EXIT.notSo;
  }
}

process.exitCode = await main();
