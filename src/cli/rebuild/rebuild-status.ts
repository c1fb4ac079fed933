import { Command } from 'commander';
import { readProgress } from '../../consumer/rebuild/catch-up.ts';
import { compareAtOneMoment } from '../../consumer/rebuild/compare-at-one-moment.ts';
import { withRebuild } from '../../consumer/rebuild/open-rebuild.ts';
import { readCases } from '../../consumer/rebuild/read-cases.ts';
import { inTransaction } from '../../platform/postgres/transaction.ts';
import { countOption } from '../count-option.ts';
import type { CommandContext } from '../run-command.ts';
import type { OpenRebuild } from './open-rebuild.ts';
import { caseLines, differenceLines, progressLine } from './rebuild-lines.ts';
import { withOpenRebuild, withRebuildOptions, type RebuildOptions } from './rebuild-options.ts';

interface Options extends RebuildOptions {
  readonly rows: number;
}

const HELP = `
While it is being built: how far it is, how fast, and how long it still takes. Once it is caught up: what differs between the live state
and the second one at this moment, summed up by kind and row by row (live -> rebuilt), and what would be answered otherwise now. Nothing is
locked and nothing is changed. After a swap the second state is the one from before it.

Exit codes: 0 shown, 1 there is no rebuild, or a swap would be refused, 2 wrong usage, 3 something can not be reached.`;

/** Further behind than this, a comparison would first replay for a while. */
const FAR_BEHIND = 10_000;

/** `outbox rebuild status` */
export function rebuildStatusCommand(context: CommandContext): Command {
  return withRebuildOptions(new Command('status'))
    .description('how far a rebuild is, and what it would change')
    .option('--rows <number>', 'differing rows of each table, and cases, to show', countOption, 10)
    .addHelpText('after', HELP)
    .action((options: Options) =>
      withOpenRebuild(context, options, (open) => rebuildStatus(context, open, options)),
    );
}

async function rebuildStatus(context: CommandContext, open: OpenRebuild, options: Options): Promise<void> {
  const { pool, definition } = open;
  const { rebuild, progress } = await inTransaction(pool, (tx) => readProgress(tx, { definition }));
  const isFar = progress.total - progress.done > FAR_BEHIND;
  const comparison = isFar
    ? undefined
    : await withRebuild(open, (work) => compareAtOneMoment(work, options.rows));
  const cases = await readCases(pool, definition.consumer, options.rows);
  const isRefused =
    comparison !== undefined &&
    (comparison.broken.length > 0 || comparison.incomplete.keys > 0 || comparison.incomplete.events > 0);
  if (options.json === true) console.log(JSON.stringify({ ...rebuild, progress, cases, comparison }));
  else {
    const other = rebuild.state === 'building' ? 'rebuilt' : 'before the swap';
    console.log(
      [
        rebuild.state === 'building'
          ? `${rebuild.consumer}, --from ${rebuild.beginAt}, started ${rebuild.startedAt.toISOString()} by ${rebuild.startedBy}`
          : `${rebuild.consumer}, swapped ${rebuild.swappedAt?.toISOString() ?? ''}; the state from before it is kept`,
        progressLine(progress),
        ...(comparison === undefined ? ['Differences are shown once it is caught up.'] : []),
        ...(comparison === undefined ? [] : ['', ...differenceLines(comparison, other)]),
        ...(cases.all === 0 ? [] : ['', ...caseLines(cases)]),
      ].join('\n'),
    );
  }
  if (isRefused) context.answerNo();
}
