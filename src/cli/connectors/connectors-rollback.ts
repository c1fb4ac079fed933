import { Argument, Command, Option } from 'commander';
import Table from 'cli-table3';
import { maskedValue } from '../../connect/connector-changes.ts';
import { statusRows } from '../../connect/connector-status.ts';
import type { ConnectorSave } from '../../operate/change/connector-saves.ts';
import { describeLeft } from '../../operate/change/describe-left.ts';
import type { OperatedConnector, OperatedPipeline } from '../../operate/operated-pipeline.ts';
import { listSaves, rollbackConnector, type RolledBack } from '../../operate/change/rollback-connector.ts';
import { describeError, PipelineError } from '../../platform/errors.ts';
import { durationOption } from '../duration-option.ts';
import { explainError } from '../explain-error.ts';
import { openPipeline } from '../../open-pipeline.ts';
import { exitCodeOf, type CommandContext } from '../run-command.ts';
import { withPlaceOptions, type ConnectorOptions } from './connector-options.ts';
import { operatedConnectors } from './operated-connectors.ts';
import { paragraph } from './show-applied.ts';

interface Options extends ConnectorOptions {
  readonly list?: true;
  readonly save?: string;
  readonly timeout: number;
}

const HELP = `
apply saves settings and offset of a connector before each dangerous change, offsets and delete do too. Rollback stops the
connector, brings the settings back and resumes it.

Where slot, topic.prefix, publication, table lists and database are the same now, it goes on where it stands: nothing is lost
or said twice, and what was said meanwhile stays as it was said. Where one of them is not, or the offset was changed by hand,
or the connector was deleted, the saved offset comes back too: what was said since then is said again, and consumers drop it.
That is refused when an event would be lost: when the slot of the saved settings is gone or has moved on beyond the saved
offset, or the offset is of another server. The connector's file is yours to change back.

Examples:
  npx outbox connectors rollback orders-outbox --list
  npx outbox connectors rollback orders-outbox`;

/** `outbox connectors rollback` */
export function connectorsRollbackCommand(context: CommandContext): Command {
  return withPlaceOptions(new Command('rollback').addArgument(new Argument('<name>', 'the connector')))
    .description('bring back what a connector was before the last dangerous change')
    .addOption(new Option('--list', 'show the saves there are; change nothing'))
    .addOption(
      new Option('--save <id>', 'which save (default: the newest that apply, offsets or delete made)'),
    )
    .addOption(
      new Option('--timeout <time>', 'how long it may take until it runs, and again until its probe comes')
        .default(60_000, '60s')
        .argParser(durationOption),
    )
    .addHelpText('after', HELP)
    .action((name: string, options: Options) => connectorsRollback(context, name, options));
}

async function connectorsRollback(context: CommandContext, name: string, options: Options): Promise<void> {
  const pipeline = await openPipeline(context, { ...options, retryForMs: options.timeout });
  try {
    await pipeline.connect.ready();
    const [connector] = await operatedConnectors(pipeline, [name]);
    if (connector === undefined) return;
    if (options.list === true) showSaves(await listSaves(connector), options.json === true);
    else await rollback(context, pipeline, connector, options);
  } finally {
    await pipeline.close();
  }
}

function showSaves(saves: readonly ConnectorSave[], json: boolean): void {
  if (json) {
    console.log(JSON.stringify(saves.map((save) => ({ ...save, config: masked(save) }))));
    return;
  }
  if (saves.length === 0) console.log('There is no save: apply makes one before a dangerous change.');
  const table = new Table({
    head: ['save', 'made', 'before'],
    style: { head: [], border: [] },
    wordWrap: true,
    colWidths: [8, 26, 62],
  });
  for (const { id, savedAt, reason } of saves) table.push([id, savedAt.toISOString(), reason]);
  if (saves.length > 0) console.log(table.toString());
}

const masked = ({ config }: ConnectorSave): Record<string, string> =>
  Object.fromEntries(Object.entries(config).map(([key, value]) => [key, maskedValue(key, value)]));

async function rollback(
  context: CommandContext,
  pipeline: OperatedPipeline,
  connector: OperatedConnector,
  options: Options,
): Promise<void> {
  const { name } = connector.file;
  const notes: string[] = [];
  const tell = (note: string): void => {
    notes.push(note);
    if (options.json !== true) for (const line of paragraph(note)) console.log(line);
  };
  const saveId = options.save === undefined ? {} : { saveId: options.save };
  try {
    const done = await rollbackConnector(pipeline, connector, {
      timeoutMs: options.timeout,
      tell,
      ...saveId,
    });
    if (options.json === true)
      console.log(JSON.stringify({ name, running: true, notes, ...doneJson(name, done) }));
    else console.log(`✓ ${name}  rolled back to save ${done.save.id}: RUNNING${flowOf(done)}`);
  } catch (raw) {
    const error = explainError(raw, context.env);
    // Refused before anything was touched: there is nothing to tell of how it was left.
    if (notes.length === 0 || !(error instanceof PipelineError)) throw error;
    const { sentence: left } = await describeLeft(pipeline.connect, connector.file, new Map());
    if (options.json === true)
      console.log(JSON.stringify({ name, running: false, notes, problem: describeError(error), left }));
    else for (const line of [...paragraph(describeError(error)), ...paragraph(left)]) console.error(line);
    context.answerNo(exitCodeOf(error) === 3 ? 3 : 1);
  }
}

const doneJson = (name: string, { save, status, probe }: RolledBack): Record<string, unknown> => ({
  save: save.id,
  parts: statusRows(name, status),
  probe,
});

const flowOf = ({ probe }: RolledBack): string =>
  probe?.arrived === true ? `, a probe came through in ${probe.ageMs} ms` : '';
