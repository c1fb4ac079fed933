import { Command, Option } from 'commander';
import { statusRows } from '../../connect/connector-status.ts';
import { applyConnectors, type AppliedConnector } from '../../operate/change/apply-connectors.ts';
import { PipelineError } from '../../platform/errors.ts';
import { durationOption } from '../duration-option.ts';
import { namedConnectors, openPipeline } from '../../open-pipeline.ts';
import { exitCodeOf, type CommandContext } from '../run-command.ts';
import { withConnectorOptions, type ConnectorOptions } from './connector-options.ts';
import { maskedPlan } from './connectors-plan.ts';
import { appliedLines } from './show-applied.ts';

export interface ApplyCommandOptions extends ConnectorOptions {
  readonly acceptDanger: readonly string[];
  /** Milliseconds. */
  readonly timeout: number;
}

const HELP = `
Each file is tried by Connect before any connector is touched. A new connector is created STOPPED, checked (slot, offset,
publication, topics) and resumed. Then apply waits until it and its task are RUNNING and a probe event came through.
A connector that somebody PAUSED or STOPPED is left alone, and so is one that is in no file.

Dangerous changes (see plan) need --accept-danger with the connector's name. Settings and offset of before are saved first:
npx outbox connectors rollback NAME.

Examples:
  npx outbox connectors apply
  npx outbox connectors apply orders-outbox --accept-danger orders-outbox`;

/** `outbox connectors apply` */
export function connectorsApplyCommand(context: CommandContext): Command {
  return withApplyOptions(withConnectorOptions(new Command('apply')))
    .description(
      'bring Kafka Connect to what the files say, and wait until events flow; run it as often as you like',
    )
    .addHelpText('after', HELP)
    .action(async (names: string[], options: ApplyCommandOptions) => {
      const code = await connectorsApply(context, names, options);
      if (code !== 0) context.answerNo(code);
    });
}

export function withApplyOptions(command: Command): Command {
  return command
    .addOption(
      new Option(
        '--accept-danger <name>',
        'make the dangerous changes of this connector; may be given several times',
      )
        .default([])
        .argParser((name: string, before: readonly string[]) => [...before, name]),
    )
    .addOption(
      new Option(
        '--timeout <time>',
        'how long a connector may take until it runs, and again until its probe comes',
      )
        .default(60_000, '60s')
        .argParser(durationOption),
    );
}

/** @returns the exit code: 0 all run, 1 one does not, 3 when Connect went away meanwhile */
export async function connectorsApply(
  context: CommandContext,
  names: readonly string[],
  options: ApplyCommandOptions,
): Promise<0 | 1 | 3> {
  const pipeline = await openPipeline(context, { ...options, retryForMs: options.timeout });
  try {
    const connectors = namedConnectors(pipeline, names);
    refuseStrangers(
      options.acceptDanger,
      connectors.map(({ file }) => file.name),
    );
    const applied = await applyConnectors(pipeline, connectors, {
      timeoutMs: options.timeout,
      acceptDanger: options.acceptDanger,
    });
    if (options.json === true) console.log(JSON.stringify(applied.map(appliedJson)));
    else for (const line of applied.flatMap(appliedLines)) console.log(line);
    return exitCode(applied);
  } finally {
    await pipeline.close();
  }
}

function refuseStrangers(accepted: readonly string[], names: readonly string[]): void {
  const strangers = accepted.filter((name) => !names.includes(name));
  if (strangers.length === 0) return;
  throw new PipelineError(
    'usage_invalid',
    `--accept-danger ${strangers.join(', ')} is none of the connectors applied.`,
    {
      remedy: `Applied are: ${names.join(', ')}.`,
    },
  );
}

/** `running`: connector and task are RUNNING and nothing speaks against it; a probe came through unless a note says why not. */
export function appliedJson({
  name,
  plan,
  action,
  notes,
  status,
  probe,
  problem,
  left,
}: AppliedConnector): unknown {
  return {
    name,
    action,
    running: problem === undefined,
    changed: action === 'refused' ? [] : plan.changes.map(({ key }) => key),
    changes: maskedPlan(plan).changes,
    problems: plan.problems,
    notes,
    parts: statusRows(name, status),
    ...(probe && { probe }),
    ...(problem && { problem: { code: problem.code, message: problem.message, remedy: problem.remedy } }),
    ...(left !== undefined && { left }),
  };
}

export function exitCode(applied: readonly AppliedConnector[]): 0 | 1 | 3 {
  const codes = applied.flatMap(({ problem }) => (problem === undefined ? [] : [exitCodeOf(problem)]));
  // A file that would be refused is an answer here, as it is for plan: usage is the command's own.
  return codes.includes(3) ? 3 : codes.length > 0 ? 1 : 0;
}
