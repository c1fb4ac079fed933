import { Argument, Option, type Command } from 'commander';
import type { ConnectClient } from '../../connect/connect-client.ts';
import { statusRows, type ConnectorStatus } from '../../connect/connector-status.ts';
import type { OperatedConnector } from '../../operate/operated-pipeline.ts';
import { describeError, PipelineError } from '../../platform/errors.ts';
import { durationOption } from '../duration-option.ts';
import { openPipeline } from '../../open-pipeline.ts';
import { explainError } from '../explain-error.ts';
import { exitCodeOf, type CommandContext } from '../run-command.ts';
import { withPlaceOptions, type ConnectorOptions } from './connector-options.ts';
import { stateLines } from './connector-table.ts';
import { operatedConnectors } from './operated-connectors.ts';

export interface ChangeOptions extends ConnectorOptions {
  readonly all?: true;
  readonly timeout: number;
}

/** `[names...]`, `--all` and `--timeout` for a verb that changes connectors: none is changed without having been meant. */
export function withChangeOptions(command: Command): Command {
  return withPlaceOptions(command.addArgument(new Argument('[names...]', 'connectors, by name')))
    .addOption(new Option('--all', 'all connectors that have a file'))
    .addOption(
      new Option('--timeout <time>', 'how long it may take').argParser(durationOption).default(60_000, '60s'),
    );
}

/** What was told, and what Connect then said of it. */
interface Changed {
  readonly name: string;
  readonly status: ConnectorStatus | undefined;
  readonly error: unknown;
}

interface StateChange {
  /** Tells Connect and waits until it is so. */
  readonly apply: (connect: ConnectClient, connector: OperatedConnector) => Promise<ConnectorStatus>;
}

/** All of them at the same time; one that fails does not keep the others from it. */
export async function changeState(
  context: CommandContext,
  names: readonly string[],
  options: ChangeOptions,
  { apply }: StateChange,
): Promise<void> {
  refuseNobody(names, options);
  const pipeline = await openPipeline(context, options);
  const { connect } = pipeline;
  try {
    const connectors = await operatedConnectors(pipeline, names);
    const changed = await Promise.all(
      connectors.map(async (connector): Promise<Changed> => {
        const { name } = connector.file;
        try {
          await refuseMissing(connect, name);
          return { name, status: await apply(connect, connector), error: undefined };
        } catch (raw) {
          const error = explainError(raw, context.env);
          return { name, status: await connect.status(name).catch(() => undefined), error };
        }
      }),
    );
    print(changed, options.json === true);
    const codes = changed.flatMap(({ error }) => (error === undefined ? [] : [exitCodeOf(error)]));
    if (codes.length > 0) context.answerNo(codes.includes(3) ? 3 : 1);
  } finally {
    await pipeline.close();
  }
}

function refuseNobody(names: readonly string[], { all }: ChangeOptions): void {
  if (names.length > 0 !== (all === true)) return;
  throw new PipelineError('usage_invalid', 'Say which connectors.', {
    remedy: 'Give names, or --all, not both.',
  });
}

async function refuseMissing(connect: ConnectClient, name: string): Promise<void> {
  if ((await connect.config(name)) !== undefined) return;
  throw new PipelineError('connector_failed', `Kafka Connect has no connector ${name}.`, {
    remedy: `Create it: npx outbox connectors apply ${name}.`,
  });
}

function print(changed: readonly Changed[], json: boolean): void {
  if (json) {
    console.log(JSON.stringify(changed.map(toJson)));
    return;
  }
  const rows = changed.flatMap(({ name, status }) => statusRows(name, status));
  for (const line of stateLines(rows)) console.log(line);
  for (const { error } of changed) if (error !== undefined) console.error(describeError(error));
}

function toJson({ name, status, error }: Changed): Record<string, unknown> {
  const problem =
    error instanceof PipelineError
      ? { code: error.code, message: error.message, remedy: error.remedy }
      : { code: null, message: describeError(error), remedy: null };
  return {
    name,
    done: error === undefined,
    parts: statusRows(name, status).map((row) => ({ ...row, problem: row.problem ?? null })),
    problem: error === undefined ? null : problem,
  };
}
