import { Command, Option } from 'commander';
import { connectorHealth } from '../../operate/watch/connector-health.ts';
import type { ConnectorLook } from '../../operate/watch/connector-look.ts';
import { lookOnce } from '../../operate/watch/look-at-connectors.ts';
import { tellWaiting } from '../../operate/parked/tell-waiting.ts';
import { openPipeline } from '../../open-pipeline.ts';
import type { CommandContext } from '../run-command.ts';
import { durationOption } from '../duration-option.ts';
import { withConnectorOptions, type ConnectorOptions } from './connector-options.ts';
import { lookJson, tableLines, waitingLines } from './connector-table.ts';
import { operatedConnectors } from './operated-connectors.ts';
import { statusTopic } from './status-topic.ts';

interface Options extends ConnectorOptions {
  readonly all?: true;
  /** False for `--no-probe`. */
  readonly probe: boolean;
  readonly probeTimeout: number;
}

/** `outbox connectors status` */
export function connectorsStatusCommand(context: CommandContext): Command {
  return withConnectorOptions(new Command('status'))
    .description('how the connectors are: one row for each of them and its task')
    .option('--all', 'also connectors of Connect that have no file')
    .option('--no-probe', 'send no probe event through them')
    .addOption(
      new Option('--probe-timeout <time>', 'how long a probe event may take')
        .argParser(durationOption)
        .default(10_000, '10s'),
    )
    .addHelpText('after', legend)
    .action((names: string[], options: Options) => connectorsStatus(context, names, options));
}

export const legend = `
Columns:
  since, restarts   of the present state; from the worker's status topic (CONNECT_STATUS_TOPIC, default
                    connect-status), which is compacted: restarts are those it still remembers
  slot              active: it is being read; unread, missing, lost
  WAL, full in      log that Postgres keeps for the slot, and when it gives the slot up at the present rate
  beat              age of the last heartbeat record
  event             age of a probe event when it came out of Kafka; > when it did not come
Under the table also stands which consumers hold keys since an event is missing: a connector that was run on behind a
gap looks healthy, its consumers know better. The exit code is of the connectors alone; outbox audit has that of the events.
A - means that nobody can say, a ? that it could not be asked: a line under the table says why.

Example:
  npx outbox connectors status orders-outbox

Exit codes: 0 all healthy, 1 something is not, 2 wrong usage, 3 Kafka Connect can not be reached.`;

async function connectorsStatus(context: CommandContext, names: string[], options: Options): Promise<void> {
  const pipeline = await openPipeline(context, options);
  try {
    const connectors = await operatedConnectors(pipeline, names, options);
    const looks = await lookOnce(pipeline, connectors, {
      statusTopic: statusTopic(context.env),
      probeTimeoutMs: options.probe ? options.probeTimeout : undefined,
    });
    printLooks(looks, await tellWaiting(pipeline.services), options.json === true);
    if (!looks.every((look) => connectorHealth(look).healthy)) context.answerNo();
  } finally {
    await pipeline.close();
  }
}

/** @param waiting sentences about keys that consumers hold; no connector is less healthy for them */
export function printLooks(looks: readonly ConnectorLook[], waiting: readonly string[], json: boolean): void {
  if (json) {
    console.log(
      JSON.stringify({
        healthy: looks.every((look) => connectorHealth(look).healthy),
        connectors: looks.map(lookJson),
        waiting,
      }),
    );
    return;
  }
  for (const line of [...tableLines(looks), ...waitingLines(waiting)]) console.log(line);
}
