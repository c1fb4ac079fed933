import { offsetsOf, type ConnectClient, type ConnectorOffsets } from '../../connect/connect-client.ts';
import { connectorChanges } from '../../connect/connector-changes.ts';
import type { ConnectorConfig } from '../../connect/connector-file.ts';
import { careFor, dangerousChanges, type ConnectorPlan } from '../../connect/connector-plan.ts';
import { publicationFaults, readPublication } from '../../connect/publication.ts';
import { dropReplicationSlot, readReplicationSlot } from '../../connect/replication-slot.ts';
import { PipelineError } from '../../platform/errors.ts';
import type { Queryable } from '../../platform/postgres/statement.ts';
import { waitUntil } from '../../platform/wait-until.ts';
import { outboxTable, publicationName, slotName } from '../diagnose/connector-facts.ts';
import { rememberServerNow } from '../diagnose/remember-server.ts';
import { readSaves, saveConnector, type ConnectorSave } from './connector-saves.ts';
import type { OperatedConnector, OperatedService } from '../operated-pipeline.ts';
import { resumeAfterFailure } from './resume-after-failure.ts';
import { stopConnector } from './stop-connector.ts';

export interface DangerousChangeInputs {
  readonly connect: ConnectClient;
  readonly connector: OperatedConnector;
  readonly plan: ConnectorPlan;
  /** What Connect has now. */
  readonly actual: ConnectorConfig;
  readonly timeoutMs: number;
  /** Hears what was done, a sentence each, at once: whoever dies in between has told how far it came. */
  readonly tell: (done: string) => void;
  /** Called once Connect has the new settings; until then nothing of the connector but its being STOPPED has changed. */
  readonly onChanged?: () => void;
}

/**
 * Gives a connector settings under which its stored offset would mean something else, so that no event is lost: stops it, saves where
 * it really stood, changes it, and either moves the offset along or has every retained outbox row said again. Leaves it STOPPED.
 *
 * Dying before the save leaves it STOPPED as it was: outbox connectors resume. Dying after it leaves it STOPPED, either with an offset
 * that is right under both settings, or without one, so that the next apply goes on and it begins with every retained row.
 * @throws PipelineError `connector_dangerous` when even somebody's word does not make it safe, before anything is touched
 */
export async function changeDangerously(inputs: DangerousChangeInputs): Promise<void> {
  const service = serviceOf(inputs.connector);
  await refuseWhatWouldLose(inputs, service);
  const offsets = await stopAndSave(inputs, service);
  const care = careFor(inputs.plan);
  if (care === 'resnapshot') await beginAnew(inputs, service, offsets);
  else if (care === 'move_offset') await moveOffsets(inputs, offsets);
  else await changeSettings(inputs);
}

async function changeSettings({ connect, connector, onChanged }: DangerousChangeInputs): Promise<void> {
  await connect.updateConfig(connector.file.name, connector.file.config);
  onChanged?.();
}

async function beginAnew(
  inputs: DangerousChangeInputs,
  service: OperatedService,
  offsets: ConnectorOffsets,
): Promise<void> {
  const { connect, connector, plan, actual, timeoutMs, tell } = inputs;
  const { name, config } = connector.file;
  const slot = slotName(actual);
  if (offsets.length > 0)
    await retried(`${name} to forget its offset`, timeoutMs, () => connect.resetOffsets(name));
  // Without an offset nothing of before can be meant: the next diagnosis compares with the server as it is now.
  await rememberServerNow(connector);
  const keepsName = slotName(config) === slot;
  if (keepsName) await dropReplicationSlot(service.pool, slot, { timeoutMs });
  await changeSettings(inputs);
  tell('it begins anew: every row still in the outbox is said again, and consumers drop what they know');
  if (!keepsName) tell(leftSlot(slot));
  else if (plan.changes.some(({ key }) => key === 'database.hostname' || key === 'database.port'))
    tell(
      `a replication slot ${slot} on the server of before holds back that server's log: there, when nobody needs it, select pg_drop_replication_slot('${slot}')`,
    );
}

/**
 * First under both names, so that the offset is right before and after the change of settings. Dying before that change leaves the
 * connector as it was, with an entry under a name that it does not read: the next apply writes over it. Dying after it leaves the
 * entry of the old name, which it does not read any more: whoever goes back to that name writes over it likewise.
 */
async function moveOffsets(inputs: DangerousChangeInputs, offsets: ConnectorOffsets): Promise<void> {
  const { connect, connector, actual, timeoutMs, tell } = inputs;
  const { name, config } = connector.file;
  const server = config['topic.prefix'] ?? '';
  await changeOffsets(connect, name, movedOffsets(offsets, actual['topic.prefix'], server), timeoutMs);
  await changeSettings(inputs);
  await changeOffsets(connect, name, forgotten(offsets, server), timeoutMs);
  tell(`its stored offset went along to topic.prefix ${server}: nothing is said twice`);
}

/**
 * What makes the place of one `topic.prefix` also that of another. Whatever the other one has is a leftover of an earlier change, maybe
 * of long ago: it is written over or, where there is no place to move, forgotten.
 */
export function movedOffsets(
  offsets: ConnectorOffsets,
  from: string | undefined,
  to: string,
): ConnectorOffsets {
  const present = offsetsOf(offsets, from);
  if (present.length > 0)
    return present.map(({ partition, offset }) => ({ partition: { ...partition, server: to }, offset }));
  return offsetsOf(offsets, to).map(({ partition }) => ({ partition, offset: null }));
}

/** What removes the offsets of every other `topic.prefix`. */
export function forgotten(offsets: ConnectorOffsets, server: string): ConnectorOffsets {
  return offsets
    .filter(({ partition }) => partition['server'] !== server)
    .map(({ partition }) => ({ partition, offset: null }));
}

/** Of a STOPPED connector. Connect refuses until the old task is really gone, which it does not show. */
export async function changeOffsets(
  connect: ConnectClient,
  name: string,
  offsets: ConnectorOffsets,
  timeoutMs: number,
): Promise<void> {
  if (offsets.length === 0) return;
  await retried(`${name} to take its offset`, timeoutMs, () => connect.setOffsets(name, offsets));
}

/** A slot that was left for a rollback. */
export function leftSlot(name: string): string {
  return `replication slot ${name} was left and holds back the server's log; whoever wants no way back: select pg_drop_replication_slot('${name}')`;
}

function serviceOf({ file, service }: OperatedConnector): OperatedService {
  if (service !== undefined) return service;
  throw new PipelineError(
    'connector_dangerous',
    `No service of src/pipeline.ts has the database of ${file.name}, so its position can't be saved and its slot not be checked.`,
    { remedy: 'Name the connector at its service in src/pipeline.ts, or change it by hand.' },
  );
}

async function refuseWhatWouldLose(
  { connector, plan, actual }: DangerousChangeInputs,
  service: OperatedService,
): Promise<void> {
  const { name, config } = connector.file;
  const publication = await readPublication(service.pool, publicationName(config));
  const faults =
    publication === undefined ? ['does not exist'] : publicationFaults(publication, outboxTable(config));
  if (faults.length > 0)
    throw refused(
      `${name} was not changed: publication ${publicationName(config)} ${faults.join(', ')}.`,
      'Make the publication as the migrations do (insert only, by the root of the partitions), then apply again.',
    );
  if (careFor(plan) !== 'resnapshot') return;
  const present = await readReplicationSlot(service.pool, slotName(actual));
  if (present !== undefined && present.database !== service.database)
    throw refused(
      `${name} was not changed: replication slot ${present.name} belongs to database ${present.database}.`,
      'Slot names are unique in a server: give this connector a slot.name of its own.',
    );
  const mode = config['snapshot.mode'] ?? 'initial';
  if (!['when_needed', 'initial', 'always'].includes(mode))
    throw refused(
      `${name} was not changed: it would begin at the end of the log (snapshot.mode ${mode}), and what is not said yet would be lost.`,
      'Set snapshot.mode to when_needed for this change.',
    );
  const wanted = slotName(config);
  if (wanted !== slotName(actual) && (await readReplicationSlot(service.pool, wanted)) !== undefined)
    throw refused(
      `${name} was not changed: replication slot ${wanted} exists already, and a snapshot beside an old slot can miss events.`,
      `Give slot.name a name that is free; or, if nobody needs it: select pg_drop_replication_slot('${wanted}')`,
    );
}

/** The offset is true only when the task has ended. Until the save is made nothing has changed, so a failure lets it go on. */
async function stopAndSave(
  { connect, connector, plan, actual, timeoutMs, tell }: DangerousChangeInputs,
  service: OperatedService,
): Promise<ConnectorOffsets> {
  const { name } = connector.file;
  const { pool } = service;
  const before = await connect.status(name);
  try {
    await stopConnector(connect, name, { timeoutMs, slot: { db: pool, name: slotName(actual) } });
    await refuseOtherSettings(connect, name, actual);
    const offsets = await connect.offsets(name);
    const broken = offsets.length > 0 ? undefined : await brokenOff(pool, name, actual);
    const keys = dangerousChanges(plan).map(({ key }) => key);
    const reason = `apply: ${keys.join(', ')}`;
    const save = broken ?? (await saveConnector(pool, { connector: name, reason, config: actual, offsets }));
    tell(`settings and offset of before are save ${save.id}: npx outbox connectors rollback ${name}`);
    return offsets;
  } catch (error) {
    tell(await resumeAfterFailure(connector, connect, before));
    throw error;
  }
}

/** The plan was made of what Connect had then: what somebody else has changed since, nobody has judged. */
async function refuseOtherSettings(
  connect: ConnectClient,
  name: string,
  judged: ConnectorConfig,
): Promise<void> {
  const found = await connect.config(name);
  if (found !== undefined && connectorChanges(judged, found).length === 0) return;
  throw refused(
    `${name} was changed in Kafka Connect by somebody else just now.`,
    'Look at the plan again, then apply again.',
  );
}

/** The save of a call that died behind it: the offsets that it saved are gone, and must not be saved over. */
export async function brokenOff(
  db: Queryable,
  name: string,
  actual: ConnectorConfig,
): Promise<ConnectorSave | undefined> {
  const [newest] = await readSaves(db, name);
  return newest !== undefined && connectorChanges(newest.config, actual).length === 0 ? newest : undefined;
}

async function retried(what: string, timeoutMs: number, change: () => Promise<unknown>): Promise<void> {
  await waitUntil(
    async () => {
      await change();
      return true;
    },
    { timeoutMs, everyMs: 250, what },
  );
}

function refused(message: string, remedy: string): PipelineError {
  return new PipelineError('connector_dangerous', message, { remedy });
}
