import type { ConnectClient } from '../../connect/connect-client.ts';
import {
  dropReplicationSlot,
  readReplicationSlot,
  type ReplicationSlot,
} from '../../connect/replication-slot.ts';
import { PipelineError } from '../../platform/errors.ts';
import { waitUntil } from '../../platform/wait-until.ts';
import { changeOffsets } from './change-offsets.ts';
import { slotName } from '../diagnose/connector-facts.ts';
import type { OperatedConnector } from '../operated-pipeline.ts';
import { saveConnector } from './save-connector.ts';
import { stopConnector } from './stop-connector.ts';

/** What there is of a connector before it is deleted. */
export interface Leftovers {
  /** False: Connect does not know it; only a slot may be left. */
  readonly isInConnect: boolean;
  readonly slotName: string;
  readonly slot: ReplicationSlot | undefined;
  /** Undefined for one whose service is not known: nobody can look for its slot. */
  readonly database: string | undefined;
  readonly hasOffsets: boolean;
}

export async function findLeftovers(
  connect: ConnectClient,
  { file, service }: OperatedConnector,
): Promise<Leftovers> {
  const config = await connect.config(file.name);
  const name = slotName(config ?? file.config);
  const slot = service && (await readReplicationSlot(service.pool, name));
  const offsets = await connect.offsets(file.name);
  return {
    isInConnect: config !== undefined,
    slotName: name,
    slot,
    database: service?.database,
    hasOffsets: offsets.some(({ offset }) => offset !== null),
  };
}

/**
 * Removes the connector from Connect; with `dropSlot` its stored offset and its slot too, each of which means nothing without the
 * other. In this order: dying in between leaves a STOPPED connector, or a slot, which the next call removes.
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
    // After its last offset was stored. Dying here leaves it STOPPED, and the next call saves once more.
    if (service !== undefined) await saveConnector(service.pool, connect, file.name, 'delete');
    if (options.dropSlot && found.hasOffsets) await changeOffsets(connect, connector, undefined);
    await connect.delete(file.name);
    await waitUntil(async () => (await connect.status(file.name)) === undefined, {
      timeoutMs,
      what: `Connect to forget ${file.name}`,
    });
  }
  if (options.dropSlot && service !== undefined)
    await dropReplicationSlot(service.pool, found.slotName, { timeoutMs });
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
