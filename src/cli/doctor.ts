import { Command } from 'commander';
import type { InternalTopics } from '../operate/doctor/check-connect.ts';
import { countLines, exitCodeFor, runDoctor } from '../operate/doctor/run-doctor.ts';
import { withPlaceOptions, type ConnectorOptions } from './connectors/connector-options.ts';
import { openPipeline } from '../open-pipeline.ts';
import { renderDoctor } from './render-doctor.ts';
import type { CommandContext } from './run-command.ts';
import { WIDTH } from './wrapped.ts';

interface Options extends ConnectorOptions {
  readonly strict?: true;
}

/** A worker that is between two states is worth a moment; one that is not there is what we want to say. */
const RETRY_FOR_MS = 5_000;

/** `outbox doctor` */
export function doctorCommand(context: CommandContext): Command {
  return withPlaceOptions(new Command('doctor'))
    .description(
      'look at everything the pipeline needs, and say what is wrong and how to mend it; changes nothing',
    )
    .option('--strict', 'a warning counts as a problem')
    .addHelpText(
      'after',
      `
Exit codes: 0 no problem, 1 a problem (with --strict also a warning), 2 wrong usage, 3 something could not be reached.
The worker's own topics are connect-configs, connect-offsets and connect-status, unless
CONNECT_CONFIGS_TOPIC, CONNECT_OFFSETS_TOPIC and CONNECT_STATUS_TOPIC say otherwise.

Examples:
  npx outbox doctor
  npx outbox doctor --strict --json | jq '.sections[].lines[] | select(.verdict == "problem")'`,
    )
    .action((options: Options) => doctor(context, options));
}

async function doctor(context: CommandContext, options: Options): Promise<void> {
  const pipeline = await openPipeline(context, {
    ...options,
    retryForMs: RETRY_FOR_MS,
  });
  try {
    const sections = await runDoctor(pipeline, {
      internalTopics: internalTopics(context.env),
      now: new Date(),
    });
    const counts = countLines(sections);
    console.log(
      options.json === true
        ? JSON.stringify({ counts, sections })
        : renderDoctor(sections, { symbols: process.stdout.isTTY, columns: columns() }),
    );
    const exitCode = exitCodeFor(counts, options.strict === true);
    if (exitCode !== 0) context.answerNo(exitCode);
  } finally {
    await pipeline.close();
  }
}

/** In a pipe a finding stays on one line, for grep. */
const columns = (): number =>
  process.stdout.isTTY ? Math.min(WIDTH, process.stdout.columns) : Number.POSITIVE_INFINITY;

function internalTopics(env: CommandContext['env']): InternalTopics {
  return {
    configs: env['CONNECT_CONFIGS_TOPIC'] ?? 'connect-configs',
    offsets: env['CONNECT_OFFSETS_TOPIC'] ?? 'connect-offsets',
    status: env['CONNECT_STATUS_TOPIC'] ?? 'connect-status',
  };
}
