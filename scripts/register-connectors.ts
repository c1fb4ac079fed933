import { Command, CommanderError, Option } from 'commander';
import { appliedJson, exitCode, withApplyOptions } from '../src/cli/connectors/connectors-apply.ts';
import { withPlaceOptions, type ConnectorOptions } from '../src/cli/connectors/connector-options.ts';
import { durationOption } from '../src/cli/duration-option.ts';
import { maskOutput } from '../src/cli/mask-output.ts';
import { openPipeline } from '../src/open-pipeline.ts';
import { exitCodeOf } from '../src/cli/run-command.ts';
import { describeChange } from '../src/connect/connector-changes.ts';
import { statusRows } from '../src/connect/connector-status.ts';
import { applyConnectors, type AppliedConnector } from '../src/operate/change/apply-connectors.ts';
import { describeError, PipelineError } from '../src/platform/errors.ts';
import { secretsOf } from '../src/platform/mask-secrets.ts';
import { createLog } from '../src/platform/log.ts';
import { localEnv } from './local-env.ts';
import { printStatusTable } from './print-status-table.ts';
import { watchConnectors } from './watch-connectors.ts';

interface Options extends ConnectorOptions {
  readonly acceptDanger: readonly string[];
  readonly timeout: number;
  readonly watch?: true;
  readonly interval: number;
}

/** `npm run connectors:register`: what `outbox connectors apply` does, told as a table of states, and a watch after it. */
async function register(env: Record<string, string>, options: Options): Promise<number> {
  const log = createLog({ name: 'connectors-register', env, level: 'silent' });
  const context = { env, log, answerNo: () => undefined };
  const pipeline = await openPipeline(context, { ...options, retryForMs: options.timeout });
  try {
    const { connect, connectors } = pipeline;
    const many = connectors.length === 1 ? '1 connector' : `${connectors.length} connectors`;
    if (options.json !== true) console.log(`Registering ${many} at ${connect.url}`);
    const { timeout: timeoutMs, acceptDanger } = options;
    const applied = await applyConnectors(pipeline, connectors, { timeoutMs, acceptDanger });
    if (options.json === true) console.log(JSON.stringify(applied.map(appliedJson)));
    else print(applied);
    if (options.watch !== true) return exitCode(applied);
    await watchConnectors(context, options, { everyMs: options.interval, json: options.json === true });
    // A probe on its way would keep the process for seconds after it was told to end. What the applying came to is still so.
    process.exit(exitCode(applied));
  } finally {
    await pipeline.close();
  }
}

function print(applied: readonly AppliedConnector[]): void {
  const rows = applied.flatMap(({ name, status, action }) =>
    statusRows(name, status).map((row, index) => ({ ...row, done: index === 0 ? action : '' })),
  );
  printStatusTable(rows);
  for (const { name, plan, action, notes } of applied) {
    if (action === 'updated')
      for (const change of plan.changes) console.log(`${name}: ${describeChange(change)}`);
    for (const note of notes) console.log(`${name}: ${note}`);
  }
  for (const { plan, problem, left } of applied) {
    if (problem === undefined) continue;
    console.error(`\n${describeError(problem)}`);
    for (const { key, message, nearest } of plan.problems)
      console.error(`  ${key}: ${message}.${nearest === undefined ? '' : ` Did you mean ${nearest}?`}`);
    if (left !== undefined) console.error(left);
  }
}

function command(): Command {
  return withApplyOptions(withPlaceOptions(new Command('connectors:register')))
    .description(
      'Creates or updates the connectors of a folder in Kafka Connect and waits until they and their tasks run.',
    )
    .option('--watch', 'keep showing the status until Ctrl-C')
    .addOption(
      new Option('--interval <time>', 'with --watch: how often to look')
        .default(2_000, '2s')
        .argParser(durationOption),
    )
    .allowExcessArguments(false)
    .exitOverride()
    .addHelpText(
      'after',
      '\nExit codes: 0 all run, 1 one does not, 2 usage or file, 3 Kafka Connect cannot be reached.',
    );
}

async function main(): Promise<number> {
  try {
    const env = localEnv();
    maskOutput(secretsOf(env));
    return await register(env, command().parse().opts<Options>());
  } catch (error) {
    // Commander has printed its own sentence, or the help that was asked for.
    if (error instanceof CommanderError) return error.exitCode === 0 ? 0 : 2;
    if (!(error instanceof PipelineError)) throw error;
    console.error(describeError(error));
    return exitCodeOf(error);
  }
}

process.exitCode = await main();
