import { Command, Option } from 'commander';
import { setTimeout as delay } from 'node:timers/promises';
import type { OperatedConnector } from '../../operate/operated-pipeline.ts';
import type { ProbeResult } from '../../operate/probe/probe-result.ts';
import { openProber, type Prober } from '../../operate/probe/send-probe.ts';
import { describeError } from '../../platform/errors.ts';
import { withConnectorOptions, type ConnectorOptions } from '../connectors/connector-options.ts';
import { durationOption } from '../duration-option.ts';
import { explainError } from '../explain-error.ts';
import { interruption } from '../interruption.ts';
import { namedConnectors, openPipeline } from '../../open-pipeline.ts';
import type { CommandContext } from '../run-command.ts';
import { probeHead, probeLines } from './probe-lines.ts';

interface Options extends ConnectorOptions {
  readonly every?: number;
  readonly watch?: true;
  readonly timeout: number;
}

const WATCH_EVERY_MS = 5_000;

const HELP = `
A probe is an event that nobody applies: it is written into the outbox as any event is, and timed at each hop until
it comes out of Kafka. RUNNING only says that a process is there; an arrived probe says that events flow.

  commit    from before the transaction until COMMIT was answered
  wal       until Debezium has read the row from the write-ahead log
  kafka     until the broker has the record
  arrival   until a reader of the topic has it

Exit codes: 0 all arrived, 1 one did not (a sentence says where it is stuck), 2 wrong usage,
3 Kafka or a database can not be reached.

Examples:
  npx outbox probe
  npx outbox probe orders-outbox --every 1s --timeout 5s`;

/** `outbox probe` */
export function probeCommand(context: CommandContext): Command {
  return withConnectorOptions(new Command('probe'))
    .description('send an event of no meaning through each connector and time its way')
    .option('--every <time>', 'go on and on, one probe a connector so often', durationOption)
    .option('--watch', 'the same as --every 5s')
    .addOption(
      new Option('--timeout <time>', 'how long to wait for a probe')
        .argParser(durationOption)
        .default(10_000, '10s'),
    )
    .addHelpText('after', HELP)
    .action((names: string[], options: Options) => probe(context, names, options));
}

async function probe(context: CommandContext, names: readonly string[], options: Options): Promise<void> {
  const pipeline = await openPipeline(context, { ...options, retryForMs: 0 });
  let prober: Prober | undefined;
  try {
    const connectors = namedConnectors(pipeline, names);
    prober = await openProber(pipeline);
    const everyMs = options.every ?? (options.watch === true ? WATCH_EVERY_MS : undefined);
    if (everyMs === undefined) await probeOnce(context, prober, connectors, options);
    else await probeOnAndOn(context, prober, connectors, { ...options, everyMs });
  } finally {
    await prober?.close();
    await pipeline.close();
  }
}

async function probeOnce(
  context: CommandContext,
  prober: Prober,
  connectors: readonly OperatedConnector[],
  options: Options,
): Promise<void> {
  const settled = await Promise.allSettled(
    connectors.map((connector) => prober.send(connector, { timeoutMs: options.timeout })),
  );
  const results = settled.flatMap((one) => (one.status === 'fulfilled' ? [one.value] : []));
  if (options.json === true) console.log(JSON.stringify(results));
  else if (results.length > 0) {
    const width = nameWidth(connectors);
    console.log([probeHead(width), ...results.flatMap((result) => probeLines(result, width))].join('\n'));
  }
  if (results.some(({ arrived }) => !arrived)) context.answerNo();
  const problem = settled.find((one) => one.status === 'rejected');
  if (problem !== undefined) throw problem.reason;
}

/** Until Ctrl-C. What can't be reached meanwhile is a line too, not the end. */
async function probeOnAndOn(
  context: CommandContext,
  prober: Prober,
  connectors: readonly OperatedConnector[],
  options: Options & { everyMs: number },
): Promise<void> {
  const width = nameWidth(connectors);
  const print = (result: ProbeResult): void => {
    if (!result.arrived) context.answerNo();
    console.log(options.json === true ? JSON.stringify(result) : probeLines(result, width).join('\n'));
  };
  const interrupted = interruption();
  const { signal } = interrupted;
  if (options.json !== true) console.log(probeHead(width));
  const follow = async (connector: OperatedConnector): Promise<void> => {
    while (!signal.aborted) {
      const next = delay(options.everyMs, undefined, { signal }).catch(() => undefined);
      const sent = prober.send(connector, { timeoutMs: options.timeout }).then(print, (error: unknown) => {
        if (signal.aborted) return;
        context.answerNo();
        console.error(`${connector.file.name}: ${describeError(explainError(error, context.env))}`);
      });
      // Interrupted, it does not wait for a probe that may never come.
      await Promise.race([sent, aborted(signal)]);
      await next;
    }
  };
  await Promise.all(connectors.map(follow));
  interrupted.forget();
}

function aborted(signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal.aborted) resolve();
    else signal.addEventListener('abort', () => resolve(), { once: true });
  });
}

const nameWidth = (connectors: readonly OperatedConnector[]): number =>
  Math.max('connector'.length, ...connectors.map(({ file }) => file.name.length));
