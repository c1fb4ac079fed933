import { Argument, Command, Option } from 'commander';
import { deleteConnector, explainDelete, findLeftovers } from '../../operate/change/delete-connector.ts';
import { PipelineError } from '../../platform/errors.ts';
import { isConfirmed } from '../ask.ts';
import { durationOption } from '../duration-option.ts';
import { openPipeline } from '../../open-pipeline.ts';
import { bytesText } from '../quantities.ts';
import type { CommandContext } from '../run-command.ts';
import { withPlaceOptions, type ConnectorOptions } from './connector-options.ts';
import { operatedConnectors } from './operated-connectors.ts';

interface Options extends ConnectorOptions {
  readonly yes?: true;
  readonly dropSlot?: true;
  readonly timeout: number;
}

/** `outbox connectors delete` */
export function connectorsDeleteCommand(context: CommandContext): Command {
  return withPlaceOptions(new Command('delete').addArgument(new Argument('<name>', 'connector, by name')))
    .description('remove a connector from Kafka Connect, and its replication slot when told to')
    .option('--drop-slot', 'also drop its replication slot and forget its stored offset')
    .option('--yes', 'do it without asking')
    .addOption(
      new Option('--timeout <time>', 'how long it may take').argParser(durationOption).default(60_000, '60s'),
    )
    .addHelpText(
      'after',
      `
Says what it leaves behind and asks before it does anything. Config and offset are saved in the outbox's database as soon
as it has stopped (connectors rollback); Kafka Connect forgets it last, so that a call that broke off can be made again. A slot that nobody reads holds back the log of its whole server.

Example:
  npx outbox connectors delete orders-outbox --drop-slot`,
    )
    .action((name: string, options: Options) => connectorsDelete(context, name, options));
}

async function connectorsDelete(context: CommandContext, name: string, options: Options): Promise<void> {
  const pipeline = await openPipeline(context, options);
  try {
    const [connector] = await operatedConnectors(pipeline, [name]);
    if (connector === undefined) return;
    const { connect } = pipeline;
    const found = await findLeftovers(connect, connector);
    const dropSlot = options.dropSlot === true;
    if (!found.isInConnect && !(dropSlot && found.slot !== undefined))
      throw nothingToDelete(name, found.slotName);
    const bytesHeld = bytesText(found.slot?.bytesHeld ?? 0);
    const sentences = explainDelete(name, found, { dropSlot, bytesHeld });
    if (options.json !== true) for (const sentence of sentences) console.log(sentence);
    const confirmed = await isConfirmed(`Delete ${name}?`, {
      yes: options.yes === true,
      json: options.json === true,
    });
    if (!confirmed) {
      console.log('Nothing was changed.');
      context.answerNo();
      return;
    }
    await deleteConnector(connect, connector, found, { dropSlot, timeoutMs: options.timeout });
    if (options.json === true)
      console.log(
        JSON.stringify({
          name,
          deleted: found.isInConnect,
          slot: found.slotName,
          slotDropped: dropSlot && found.slot !== undefined,
          sentences,
        }),
      );
    else console.log('Done.');
  } finally {
    await pipeline.close();
  }
}

function nothingToDelete(name: string, slot: string): PipelineError {
  return new PipelineError(
    'connector_failed',
    `Kafka Connect has no connector ${name}, so nothing was deleted.`,
    {
      remedy: `If its slot ${slot} is left: npx outbox connectors delete ${name} --drop-slot.`,
    },
  );
}
