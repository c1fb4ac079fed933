import type { ConnectClient } from '../../connect/connect-client.ts';
import type { ConnectorConfig } from '../../connect/connector-file.ts';
import { readReplicationSlot, type ReplicationSlot } from '../../connect/replication-slot.ts';
import { PipelineError } from '../../platform/errors.ts';
import { waitUntil } from '../../platform/wait-until.ts';
import { slotName } from '../diagnose/connector-facts.ts';
import { dropSlotForGood } from '../heal/drop-slot-for-good.ts';
import type { OperatedConnector, OperatedService } from '../operated-pipeline.ts';
import { brokenOff } from './change-dangerously.ts';
import { saveConnector } from './connector-saves.ts';
import { readLastKnownConfig } from './last-known-config.ts';
import { stopConnector } from './stop-connector.ts';

/** What there is of a connector before it is deleted. */
export interface Leftovers {
  /** False: Connect does not know it; only a slot may be left. */
  readonly isInConnect: boolean;
  /** What Connect has or, where it has none, what was saved of it last or what the file says. */
  readonly config: ConnectorConfig;
  readonly slotName: string;
  readonly slot: ReplicationSlot | undefined;
  /** Undefined for one whose service is not known: nobody can look for its slot. */
  readonly database: string | undefined;
  readonly hasOffsets: boolean;
}

export async function findLeftovers(
  connect: ConnectClient,
  connector: OperatedConnector,
): Promise<Leftovers> {
  const { file, service } = connector;
  const known = await connect.config(file.name);
  const config = known ?? (await readLastKnownConfig(connector)) ?? file.config;
  const name = slotName(config);
  const slot = service && (await readReplicationSlot(service.pool, name));
  const offsets = await connect.offsets(file.name);
  return {
    isInConnect: known !== undefined,
    config,
    slotName: name,
    slot,
    database: service?.database,
    hasOffsets: offsets.some(({ offset }) => offset !== null),
  };
}

/**
 * Removes the connector from Connect; with `dropSlot` its stored offset and its slot too, each of which means nothing without the
 * other. Connect forgets the connector last: dying in between leaves it STOPPED and saved, with less and less of it, for the next call.
 * @throws PipelineError `connector_failed` where there is no slot to ask for; what Connect and Postgres say
 */
export async function deleteConnector(
  connect: ConnectClient,
  connector: OperatedConnector,
  found: Leftovers,
  options: { dropSlot: boolean; timeoutMs: number },
): Promise<void> {
  const { file, service } = connector;
  const { timeoutMs } = options;
  if (options.dropSlot && service === undefined)
    throw new PipelineError(
      'connector_failed',
      `The database of ${file.name} is not one of this pipeline's.`,
      {
        remedy: `Delete it without --drop-slot, and drop slot ${found.slotName} there: select pg_drop_replication_slot('${found.slotName}').`,
      },
    );
  refuseForeignSlot(found, options);
  if (found.isInConnect) {
    await stopConnector(connect, file.name, { timeoutMs });
    // After its last offset was stored, so that this is where it really stood.
    if (service !== undefined) await save(connect, connector, service, found.config);
  }
  if (options.dropSlot && service !== undefined) {
    // A task that Connect gave up may make it anew.
    const quietMs = found.isInConnect ? retryDelayMs(found.config) + 1_000 : 0;
    await dropSlotForGood(service.pool, found.slotName, { timeoutMs, quietMs });
  }
  if (!found.isInConnect) return;
  if (options.dropSlot && (await connect.offsets(file.name)).length > 0)
    await waitUntil(() => connect.resetOffsets(file.name), {
      timeoutMs,
      everyMs: 500,
      what: `Connect to forget the offset of ${file.name}`,
    });
  await connect.delete(file.name);
  await waitUntil(async () => (await connect.status(file.name)) === undefined, {
    timeoutMs,
    what: `Connect to forget ${file.name}`,
  });
}

/** Debezium's pause between two tries to get its slot. */
const retryDelayMs = (config: ConnectorConfig): number => Number(config['slot.retry.delay.ms'] ?? 10_000);

async function save(
  connect: ConnectClient,
  { file: { name } }: OperatedConnector,
  { pool }: OperatedService,
  config: ConnectorConfig,
): Promise<void> {
  const offsets = await connect.offsets(name);
  // An earlier call died after it had forgotten the offset: what that one saved is the way back.
  if (offsets.length === 0 && (await brokenOff(pool, name, config)) !== undefined) return;
  await saveConnector(pool, { connector: name, reason: 'delete', config, offsets });
}

/** @throws PipelineError `connector_failed`: the slot of another database is another connector's place. */
function refuseForeignSlot({ slot, database }: Leftovers, { dropSlot }: { dropSlot: boolean }): void {
  if (!dropSlot || slot === undefined || slot.database === database) return;
  throw new PipelineError(
    'connector_failed',
    `Slot ${slot.name} belongs to database ${slot.database}, not to ${database ?? 'one of this pipeline'}.`,
    { remedy: "Delete the connector without --drop-slot: the slot is somebody else's." },
  );
}

/** What deleting leaves and what that means for the next connector of this name, one sentence each. */
export function explainDelete(
  name: string,
  { slot, slotName: slotText, hasOffsets, database, isInConnect }: Leftovers,
  options: { dropSlot: boolean; bytesHeld: string },
): string[] {
  const gone = isInConnect
    ? `Deleting ${name} from Kafka Connect: nothing of its outbox is sent from then on.`
    : `Kafka Connect has no connector ${name}.`;
  if (database === undefined)
    return [gone, `Slot ${slotText} is in a database that this pipeline does not know, and stays.`];
  if (options.dropSlot)
    return [
      gone,
      slot === undefined
        ? `There is no slot ${slotText}; the stored offset is forgotten.`
        : `Slot ${slotText} is dropped with the ${options.bytesHeld} of log that it holds, and the stored offset is forgotten.`,
      'Created again, it sends every row that the outbox still has, in the order of id; consumers drop what they know.',
    ];
  return [
    gone,
    ...(slot === undefined
      ? [`There is no slot ${slotText}.`]
      : [
          `Slot ${slotText} stays and holds ${options.bytesHeld} of log, more with every write in the whole server; --drop-slot drops it.`,
        ]),
    ...(hasOffsets ? ['Its stored offset stays in Connect.'] : []),
    nextCreate(slot !== undefined, hasOffsets),
  ];
}

function nextCreate(hasSlot: boolean, hasOffsets: boolean): string {
  if (hasSlot && hasOffsets)
    return 'Created again under this name, it goes on where it stood: nothing is lost, no retained row is sent again.';
  if (!hasSlot && !hasOffsets)
    return 'Created again, it sends every row that the outbox still has, in the order of id; consumers drop what they know.';
  return 'Created again, it does not begin before npx outbox connectors heal has brought slot and offset together: then every row that the outbox still has is sent again; consumers drop what they know.';
}
