import { Command, Option } from 'commander';
import { connectorHealth } from '../../operate/watch/connector-health.ts';
import { healPolicy } from '../../operate/watch/heal-failed-tasks.ts';
import { startHealing } from '../../operate/watch/heal-once.ts';
import { lookOnce } from '../../operate/watch/look-at-connectors.ts';
import { tellWaiting } from '../../operate/parked/tell-waiting.ts';
import { PipelineError } from '../../platform/errors.ts';
import { openPipeline } from '../../open-pipeline.ts';
import type { CommandContext } from '../run-command.ts';
import { countOption } from '../count-option.ts';
import { durationOption } from '../duration-option.ts';
import { withConnectorOptions, type ConnectorOptions } from './connector-options.ts';
import { legend, printLooks } from './connectors-status.ts';
import { runGiveUpCommand } from './give-up-command.ts';
import { operatedConnectors } from './operated-connectors.ts';
import { statusTopic } from './status-topic.ts';
import { watchPipeline } from './watch-pipeline.ts';

interface Options extends ConnectorOptions {
  readonly all?: true;
  readonly interval: number;
  readonly probe: boolean;
  readonly once?: true;
  readonly heal?: true;
  readonly healLimit: number;
  readonly healWait: number;
  readonly onGiveUp?: string;
}

/** `outbox connectors watch` */
export function connectorsWatchCommand(context: CommandContext): Command {
  return withConnectorOptions(new Command('watch'))
    .description('keep showing how the connectors are, until Ctrl-C; over a pipe, a line for each change')
    .addOption(timeOption('--interval <time>', 'how often to look', 2_000))
    .option('--once', 'look once; exit code 1 when something is not healthy')
    .option('--all', 'also connectors of Connect that have no file')
    .option('--no-probe', 'send no probe events through them')
    .addOption(new Option('--heal', 'restart what FAILED, and only that').conflicts('once'))
    .option(
      '--heal-limit <restarts>',
      'give up after so many in a row, without having run for a minute in between',
      countOption,
      healPolicy.limit,
    )
    .addOption(
      timeOption(
        '--heal-wait <time>',
        'before the second restart of a row; doubled each time, up to 5 minutes',
        healPolicy.firstWaitMs,
      ),
    )
    .option(
      '--on-give-up <command>',
      'run in a shell then: OUTBOX_CONNECTOR, OUTBOX_TASK, OUTBOX_TRACE tell it',
    )
    .addHelpText('after', help)
    .action((names: string[], options: Options) => connectorsWatch(context, names, options));
}

function timeOption(flags: string, description: string, ms: number): Option {
  return new Option(flags, description).argParser(durationOption).default(ms, `${ms / 1_000}s`);
}

const help = `
With --heal nothing is restarted whose slot and stored offset do not fit: that would lose events without a word,
so it says what to run instead (npx outbox connectors heal).
${legend.replace(/\nExample:[^]*/, '')}
Example:
  npx outbox connectors watch --heal --on-give-up 'mail -s "$OUTBOX_CONNECTOR: $OUTBOX_TRACE" ops@example.org < /dev/null'

Exit codes: 0 ended by Ctrl-C or SIGTERM (--once: all healthy), 1 with --once: something is not healthy, 2 wrong usage,
3 with --once: Kafka Connect can not be reached.`;

async function connectorsWatch(context: CommandContext, names: string[], options: Options): Promise<void> {
  if (options.onGiveUp !== undefined && options.heal !== true)
    throw new PipelineError('usage_invalid', 'Without --heal nothing is ever given up.', {
      remedy: 'Add --heal, or leave --on-give-up out.',
    });
  // A look that gets no answer is shown at once; asking again is what the next look does.
  const pipeline = await openPipeline(context, {
    ...options,
    retryForMs: options.once === true ? 10_000 : 0,
  });
  try {
    const connectors = await operatedConnectors(pipeline, names, options);
    if (options.once === true) {
      const looks = await lookOnce(pipeline, connectors, {
        statusTopic: statusTopic(context.env),
        probeTimeoutMs: options.probe ? 10_000 : undefined,
      });
      printLooks(looks, await tellWaiting(pipeline.services), options.json === true);
      if (!looks.every((look) => connectorHealth(look).healthy)) context.answerNo();
      return;
    }
    await watchPipeline(pipeline, connectors, {
      everyMs: options.interval,
      json: options.json === true,
      statusTopic: statusTopic(context.env),
      probe: options.probe,
      ...(options.heal === true && { healing: healingOf(context, options) }),
    });
  } finally {
    await pipeline.close();
  }
  // A probe on its way would keep the process for seconds after it was told to end.
  process.exit();
}

function healingOf({ env }: CommandContext, options: Options) {
  const policy = { ...healPolicy, limit: options.healLimit, firstWaitMs: options.healWait };
  const { onGiveUp: command } = options;
  return startHealing(
    policy,
    command === undefined ? undefined : (givenUp) => runGiveUpCommand(command, givenUp, env),
  );
}
