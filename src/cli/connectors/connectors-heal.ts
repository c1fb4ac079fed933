import { Command, Option } from 'commander';
import { styleText } from 'node:util';
import { healConnector, type HealNews, type HealReport } from '../../operate/heal/heal-connector.ts';
import { tellWaiting } from '../../operate/parked/tell-waiting.ts';
import { describeError, PipelineError } from '../../platform/errors.ts';
import { durationOption } from '../duration-option.ts';
import { explainError } from '../explain-error.ts';
import { openPipeline } from '../../open-pipeline.ts';
import { exitCodeOf, type CommandContext } from '../run-command.ts';
import { withConnectorOptions, type ConnectorOptions } from './connector-options.ts';
import { operatedConnectors } from './operated-connectors.ts';

interface Options extends ConnectorOptions {
  readonly dryRun?: true;
  readonly endReader?: true;
  readonly timeout: number;
}

const HELP = `
Looks at slot, stored offset, publication, server and task of each connector, says what is wrong and
mends it without losing an event: what may have been passed over is said again from the rows that the
outbox keeps, in the order of id, and consumers drop what they know already. Config and offsets are
saved before. Broken off, it is mended by running it again. At the end a probe must come through;
with a big outbox that takes as long as all its rows do.

A connector that was run on behind a gap looks healthy soon after; then it is the consumers that know, since they hold the keys whose
events go on behind it. That is said last, with what brings the rows back: npx outbox audit --repair.

Examples:
  npx outbox connectors heal --dry-run
  npx outbox connectors heal orders-outbox --end-reader

Exit codes: 0 healthy (also when nothing had to be done), 1 something is not healthy, 2 wrong usage,
3 something can not be reached.`;

/** `outbox connectors heal` */
export function connectorsHealCommand(context: CommandContext): Command {
  return withConnectorOptions(new Command('heal'))
    .description('mend slot, offset, publication and tasks without losing an event')
    .option('--dry-run', 'only say what would be done')
    .option('--end-reader', 'end the connection of a stranger that reads the slot')
    .addOption(
      new Option('--timeout <time>', 'how long until events come through again')
        .argParser(durationOption)
        .default(300_000, '5m'),
    )
    .addHelpText('after', HELP)
    .action((names: string[], options: Options) => connectorsHeal(context, names, options));
}

async function connectorsHeal(context: CommandContext, names: string[], options: Options): Promise<void> {
  const pipeline = await openPipeline(context, options);
  try {
    const reports: HealReport[] = [];
    let unreachable: 3 | undefined;
    // One after the other: two re-snapshots at once would compete for the worker and the log.
    for (const connector of await operatedConnectors(pipeline, names)) {
      const { name } = connector.file;
      const show = (news: HealNews): void => {
        if (options.json === true) return;
        // That sentence names it already.
        console.log(
          news.kind === 'healthy' ? newsLine(news) : `${styleText('bold', name)}  ${newsLine(news)}`,
        );
      };
      const report = await healConnector(pipeline, connector, {
        dryRun: options.dryRun === true,
        endReader: options.endReader === true,
        timeoutMs: options.timeout,
        onNews: show,
      }).catch((raw: unknown) => {
        const error = explainError(raw, context.env);
        // What is wrong with this one need not keep the others from being mended.
        if (
          exitCodeOf(error) === 2 ||
          (error instanceof PipelineError && error.code === 'connect_unreachable')
        )
          throw error;
        if (exitCodeOf(error) === 3) unreachable = 3;
        return failedReport(name, error, show);
      });
      reports.push(report);
    }
    const healthy = reports.every((report) => report.healthy);
    const waiting = await tellWaiting(pipeline.services);
    if (options.json === true) console.log(JSON.stringify({ healthy, connectors: reports, waiting }));
    else for (const sentence of waiting) console.log(styleText('yellow', sentence));
    if (!healthy) context.answerNo(unreachable ?? 1);
  } finally {
    await pipeline.close();
  }
}

function failedReport(connector: string, error: unknown, show: (news: HealNews) => void): HealReport {
  const news: HealNews = { kind: 'failed', sentence: describeError(error) };
  show(news);
  return { connector, healthy: false, news: [news] };
}

function newsLine(news: HealNews): string {
  switch (news.kind) {
    case 'found':
      return `${styleText('yellow', news.finding.code)}: ${news.finding.sentence}`;
    case 'doing':
      return `- ${news.sentence}`;
    case 'would do':
      return `- would ${news.sentence}`;
    case 'refused':
      return `${styleText('red', 'not mended')}: ${news.sentence}`;
    case 'lost':
      return `${styleText('red', 'may be lost')}: ${news.sentence}`;
    case 'failed':
      return `${styleText('red', 'failed')}: ${news.sentence}`;
    case 'healthy':
      return styleText('green', news.sentence);
  }
}
