import { Argument, Command, Option } from 'commander';
import { z } from 'zod';
import { offsetsOf, storedLsn, type ConnectorOffsets } from '../../connect/connect-client.ts';
import { explainChange, explainPlace } from '../../connect/explain-offsets.ts';
import { lsnText, parseLsn } from '../../connect/lsn.ts';
import { readReplicationSlot, type ReplicationSlot } from '../../connect/replication-slot.ts';
import {
  changeOffsets,
  offsetsAt,
  refuseOtherServers,
  refuseUnlessStopped,
} from '../../operate/change/change-offsets.ts';
import { slotName } from '../../operate/diagnose/connector-facts.ts';
import type { OperatedConnector, OperatedPipeline } from '../../operate/operated-pipeline.ts';
import { PipelineError } from '../../platform/errors.ts';
import { isConfirmed } from '../ask.ts';
import { openPipeline } from '../../open-pipeline.ts';
import type { CommandContext } from '../run-command.ts';
import { withPlaceOptions, type ConnectorOptions } from './connector-options.ts';
import { operatedConnectors } from './operated-connectors.ts';

interface Options extends ConnectorOptions {
  readonly set?: string;
  readonly lsn?: string;
  readonly reset?: true;
  readonly yes?: true;
}

/** `outbox connectors offsets` */
export function connectorsOffsetsCommand(context: CommandContext): Command {
  return withPlaceOptions(new Command('offsets').addArgument(new Argument('<name>', 'connector, by name')))
    .description('show where a connector stands, beside its slot; set or forget that when it is stopped')
    .addOption(
      new Option('--set <json>', "store these offsets, in Connect's form").conflicts(['lsn', 'reset']),
    )
    .addOption(new Option('--lsn <position>', 'store this position in the log').conflicts('reset'))
    .option('--reset', 'forget the stored offsets')
    .option('--yes', 'change them without asking')
    .addHelpText(
      'after',
      `
Changes are for STOPPED connectors. What one will do is said before, and asked; the old offsets are saved in the
outbox's database (connectors rollback). A slot never goes back: to send rows again that the outbox still has, run
npx outbox connectors heal.

Examples:
  npx outbox connectors offsets orders-outbox
  npx outbox connectors offsets orders-outbox --lsn 0/1A2B3C8
  npx outbox connectors offsets orders-outbox --set '[{"partition": {"server": "orders"}, "offset": {"lsn": 27439048}}]'`,
    )
    .action((name: string, options: Options) => connectorsOffsets(context, name, options));
}

/** Where a connector stands, and its slot. */
interface Standing {
  /** The topic.prefix that it has in Connect: Debezium reads only the offsets of that. */
  readonly serverName: string;
  /** All that are stored, of earlier prefixes too. */
  readonly offsets: ConnectorOffsets;
  readonly slotName: string;
  readonly slot: ReplicationSlot | undefined;
}

async function connectorsOffsets(context: CommandContext, name: string, options: Options): Promise<void> {
  const pipeline = await openPipeline(context, options);
  try {
    const [connector] = await operatedConnectors(pipeline, [name]);
    if (connector === undefined) return;
    const standing = await readStanding(pipeline, connector);
    const isChange = options.set !== undefined || options.lsn !== undefined || options.reset === true;
    if (!isChange) show(connector, standing, options.json === true);
    else await change(context, pipeline, connector, standing, options);
  } finally {
    await pipeline.close();
  }
}

/** The slot first: the connector confirms an offset to it only after having stored that. */
async function readStanding(
  { connect }: OperatedPipeline,
  { file, service }: OperatedConnector,
): Promise<Standing> {
  const config = (await connect.config(file.name)) ?? file.config;
  const name = slotName(config);
  const slot = service && (await readReplicationSlot(service.pool, name));
  const serverName = config['topic.prefix'] ?? '';
  return { serverName, slotName: name, slot, offsets: await connect.offsets(file.name) };
}

const lsnOf = (offsets: ConnectorOffsets, { serverName }: Standing): bigint | undefined =>
  storedLsn(offsets, serverName);

function show({ file, service }: OperatedConnector, standing: Standing, json: boolean): void {
  const { offsets, slot } = standing;
  const stored = lsnOf(offsets, standing);
  const means = service === undefined ? undefined : explainPlace(stored, slot);
  if (json) {
    console.log(JSON.stringify({ name: file.name, ...asJson(standing), means: means ?? null, offsets }));
    return;
  }
  for (const line of standingLines(standing)) console.log(line);
  for (const { partition, offset } of offsets)
    console.log(`stored for ${JSON.stringify(partition)}: ${JSON.stringify(offset)}`);
  if (means !== undefined) console.log(means);
}

function standingLines(standing: Standing): string[] {
  const { slot, slotName: name } = standing;
  const stored = lsnOf(standing.offsets, standing);
  return [
    `stored offset   ${stored === undefined ? '-' : lsnText(stored)}`,
    `slot confirmed  ${slot?.confirmedLsn === undefined ? '-' : lsnText(slot.confirmedLsn)}  (${name})`,
  ];
}

function asJson(standing: Standing): Record<string, unknown> {
  const { slot, slotName: name } = standing;
  const stored = lsnOf(standing.offsets, standing);
  return {
    storedLsn: stored === undefined ? null : lsnText(stored),
    slot: name,
    confirmedLsn: slot?.confirmedLsn === undefined ? null : lsnText(slot.confirmedLsn),
  };
}

async function change(
  context: CommandContext,
  { connect }: OperatedPipeline,
  connector: OperatedConnector,
  standing: Standing,
  options: Options,
): Promise<void> {
  const { name } = connector.file;
  await refuseUnlessStopped(connect, name);
  const next = nextOffsets(standing, options);
  const json = options.json === true;
  const stored = lsnOf(standing.offsets, standing);
  const nextLsn = next && lsnAfter(standing, next);
  const sentences = explainChange(stored, nextLsn, standing.slot);
  if (!json) {
    for (const line of standingLines(standing)) console.log(line);
    console.log(`to be stored    ${nextLsn === undefined ? '-' : lsnText(nextLsn)}`);
    for (const sentence of sentences) console.log(sentence);
  }
  if (!(await isConfirmed(`Change the offsets of ${name}?`, { yes: options.yes === true, json }))) {
    console.log('Nothing was changed.');
    context.answerNo();
    return;
  }
  const said = await changeOffsets(connect, connector, next);
  if (json) {
    const before = asJson(standing);
    console.log(
      JSON.stringify({
        name,
        before,
        storedLsn: nextLsn === undefined ? null : lsnText(nextLsn),
        sentences,
        said,
      }),
    );
  } else console.log(said);
}

/** Connect leaves alone what it is not given, so that forgetting a leftover changes nothing. */
function lsnAfter(standing: Standing, given: ConnectorOffsets): bigint | undefined {
  const isGiven = offsetsOf(given, standing.serverName).length > 0;
  return lsnOf(isGiven ? given : standing.offsets, standing);
}

/** Undefined for none at all. */
function nextOffsets({ offsets, serverName }: Standing, options: Options): ConnectorOffsets | undefined {
  if (options.set !== undefined) {
    const given = parseOffsets(options.set);
    refuseOtherServers(given, serverName);
    return given;
  }
  if (options.lsn === undefined) return undefined;
  return offsetsAt(offsets, parseLsn(options.lsn), { serverName, now: new Date() });
}

const listSchema = z
  .array(
    z.strictObject({
      partition: z.record(z.string(), z.unknown()),
      offset: z.record(z.string(), z.unknown()).nullable(),
    }),
  )
  .min(1);
const givenSchema = z.union([
  listSchema,
  z.strictObject({ offsets: listSchema }).transform(({ offsets }) => offsets),
]);

function parseOffsets(text: string): ConnectorOffsets {
  let given: unknown;
  try {
    given = JSON.parse(text);
  } catch {
    given = undefined;
  }
  const parsed = givenSchema.safeParse(given);
  if (parsed.success) return parsed.data;
  throw new PipelineError('usage_invalid', 'What --set was given are no offsets.', {
    remedy: `Write them as npx outbox connectors offsets --json shows them: [{"partition": {...}, "offset": {...}}].`,
  });
}
