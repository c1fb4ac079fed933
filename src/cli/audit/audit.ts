import { hostname, userInfo } from 'node:os';
import { Command } from 'commander';
import { auditPipeline, verdictOf, type AuditReport } from '../../operate/audit/audit-pipeline.ts';
import type { AuditOptions } from '../../operate/audit/audit-outbox.ts';
import { keepAuditing } from '../../operate/audit/keep-auditing.ts';
import { OLDER_THAN_MS } from '../../operate/audit/read-outbox.ts';
import { describeError, PipelineError } from '../../platform/errors.ts';
import { createLog } from '../../platform/log.ts';
import { withPlaceOptions, type ConnectorOptions } from '../connectors/connector-options.ts';
import { durationOption } from '../duration-option.ts';
import { listenOption, type ListenAddress } from '../listen-option.ts';
import { interruption } from '../interruption.ts';
import type { CommandContext } from '../run-command.ts';
import { auditLines, auditJson, roundSummary } from './audit-lines.ts';
import { serveAudit } from './serve-audit.ts';
import { openAudit, type OpenAudit } from './open-audit.ts';

interface Options extends ConnectorOptions {
  readonly every?: number;
  readonly repair?: true;
  readonly olderThan: number;
  readonly wait: number;
  readonly listen?: ListenAddress;
}

const HELP = `
Each row of each outbox is looked for at every consumer that subscribes to its topic and type: applied, ignored, or parked
in a queue. What is not there is named with the place where it is stuck:

  slot       late: Debezium has not passed its row in the log (or is saying everything again)
  position   late: it is in Kafka, the consumer has not read so far
  topic      lost: Debezium has passed its row, but it is not in the topic
  consumer   lost: the consumer has read past it and has recorded nothing

--repair publishes what is lost once more: a new row, the same event. What is merely late is left alone; events that a
consumer would refuse are named, not repaired. Each event is repaired at most 3 times, 10 minutes apart; pipeline.outbox_repairs
tells who did it and when.

With --every it goes on until Ctrl-C, one JSON line a round, and only then a day of the outbox is kept until it is proven.
With --listen it serves /metrics (docs/metrics.md), /healthz and /healthz/pipeline meanwhile.

Exit codes: 0 everything is proven (--every: it was told to end), 1 something is missing, 2 wrong usage, 3 something can
not be reached.

  npx outbox audit
  npx outbox audit --repair --json
  npx outbox audit --every 1m --listen 3010`;

/** So much in memory at once, whatever the size of the outbox: a page and these suspects. */
const LIMITS = { pageSize: 5_000, maxSuspects: 10_000 };

/** A slot in a database at rest moves with Debezium's next heartbeat (10 s) and Connect's next flush (5 s). */
const WAIT_MS = 30_000;

/** `outbox audit` */
export function auditCommand(context: CommandContext): Command {
  return withPlaceOptions(new Command('audit'))
    .description('prove that every event of every outbox has arrived at every consumer of it')
    .option('--every <time>', 'go on and on, a round so often', durationOption)
    .option('--listen <[host:]port>', 'with --every: serve /metrics there', listenOption)
    .option('--repair', 'publish once more what is lost')
    .option('--older-than <time>', 'look at rows that are at least so old', durationOption, OLDER_THAN_MS)
    .option(
      '--wait <time>',
      'when something is missing, see for so long whether it comes',
      durationOption,
      WAIT_MS,
    )
    .addHelpText('after', HELP)
    .action((options: Options) => audit(context, options));
}

async function audit(context: CommandContext, options: Options): Promise<void> {
  if (options.listen !== undefined && options.every === undefined)
    throw new PipelineError('usage_invalid', '--listen is for an audit that goes on and on.', {
      remedy: 'Add --every, such as --every 1m.',
    });
  const pipeline = await openAudit(context, {
    ...options,
    retryForMs: 3_000,
    repair: options.repair === true,
  });
  const interrupted = interruption();
  const auditOptions: AuditOptions = {
    ...LIMITS,
    olderThanMs: options.olderThan,
    waitMs: options.wait,
    repairedBy: `${userInfo().username}@${hostname()}`,
    signal: interrupted.signal,
  };
  try {
    if (options.every === undefined) await auditOnce(context, pipeline, auditOptions, options);
    else await auditOnAndOn(context, pipeline, auditOptions, { ...options, everyMs: options.every });
  } finally {
    interrupted.forget();
    await pipeline.close();
  }
}

async function auditOnce(
  context: CommandContext,
  pipeline: OpenAudit,
  auditOptions: AuditOptions,
  options: Options,
): Promise<void> {
  const report = await auditPipeline(pipeline, new Map(), auditOptions);
  const text =
    options.json === true
      ? JSON.stringify(auditJson(report))
      : auditLines(report, { repair: options.repair === true }).join('\n');
  console.log(text);
  const verdict = verdictOf(report);
  if (verdict !== 'proven') context.answerNo(verdict === 'unreachable' ? 3 : 1);
}

/** Lines as those of the services, since it runs beside them. */
async function auditOnAndOn(
  { env }: CommandContext,
  pipeline: OpenAudit,
  options: AuditOptions,
  { everyMs, listen }: Pick<Options, 'listen'> & { readonly everyMs: number },
): Promise<void> {
  const log = createLog({ name: 'audit', env, isTerminal: process.stdout.isTTY });
  const served = listen && (await serveAudit(listen, log));
  const onRound = (report: AuditReport): void => {
    served?.onRound(report);
    const { sentence, ...fields } = roundSummary(report);
    const verdict = verdictOf(report);
    if (verdict === 'missing') log.error(fields, sentence);
    else if (verdict === 'unreachable') log.warn(fields, sentence);
    else log.info(fields, sentence);
  };
  try {
    await keepAuditing(
      pipeline,
      // A round waits at most half of the time until the next one: what it does not see, that one does.
      { ...options, everyMs, waitMs: Math.min(options.waitMs, everyMs / 2) },
      { onRound, onFailure: (error) => log.error({ reason: describeError(error) }, 'the audit failed') },
    );
  } finally {
    await served?.close();
  }
}
