import { offsetsOf, storedLsn, type ConnectClient } from '../../connect/connect-client.ts';
import { connectorChanges } from '../../connect/connector-changes.ts';
import type { ConnectorConfig } from '../../connect/connector-file.ts';
import { careFor, planConnector } from '../../connect/connector-plan.ts';
import type { ConnectorStatus } from '../../connect/connector-status.ts';
import { readReplicationSlot, type ReplicationSlot } from '../../connect/replication-slot.ts';
import { waitUntilRunning } from '../../connect/wait-until-running.ts';
import { PipelineError } from '../../platform/errors.ts';
import { changeOffsets, forgotten, leftSlot } from './change-dangerously.ts';
import { HEAL, readEndOfLog, slotName } from '../diagnose/connector-facts.ts';
import { readSaves, saveConnector, type ConnectorSave } from './connector-saves.ts';
import type { OperatedConnector, OperatedPipeline, OperatedService } from '../operated-pipeline.ts';
import { preflightConnector } from './preflight-connector.ts';
import type { ProbeResult } from '../probe/probe-result.ts';
import { proveFlow } from './prove-flow.ts';
import { resumeAfterFailure } from './resume-after-failure.ts';
import { stopConnector } from './stop-connector.ts';

export interface RollbackOptions {
  /** Which save; the newest that apply, offsets or delete made unless given. */
  readonly saveId?: string;
  readonly timeoutMs: number;
  /** Hears what was done, a sentence each, at once. */
  readonly tell: (done: string) => void;
}

export interface RolledBack {
  readonly save: ConnectorSave;
  readonly status: ConnectorStatus;
  readonly probe: ProbeResult | undefined;
}

const ROLLBACK = 'rollback';
/** Begins the reason of a save that was made before somebody changed the offset by hand. */
const OFFSETS = 'offsets ';

/**
 * Brings the settings of a save back. Where they have another place in the log than the present ones, or the save was made before
 * somebody changed the offset, its offset comes back too, and what was said since then is said again; otherwise the connector goes on
 * where it stands, and what it has said meanwhile stays as it was said. Refused, before anything is touched, where an event would be
 * lost. Dying in between leaves it STOPPED; the same command again goes on.
 * @throws PipelineError `connector_dangerous` where it would lose events; `usage_invalid` without a save; what Connect says
 */
export async function rollbackConnector(
  pipeline: OperatedPipeline,
  connector: OperatedConnector,
  options: RollbackOptions,
): Promise<RolledBack> {
  const { connect } = pipeline;
  const { file } = connector;
  const { name } = file;
  const service = serviceOf(connector);
  const save = findSave(await readSaves(service.pool, name), name, options.saveId);
  const actual = await connect.config(name);
  const bringsOffset = actual === undefined || !keepsPlace(save, actual);
  if (bringsOffset) await refuseLoss(save, service);
  if (actual === undefined) await connect.createStopped(name, save.config);
  else await stopAndSave(pipeline, connector, service, { save, actual, bringsOffset, ...options });
  if (bringsOffset) await bringBack(connect, save, options);
  else {
    await connect.updateConfig(name, save.config);
    options.tell(
      `settings are those of save ${save.id}; it goes on where it stands, since both have the same place in the log: nothing is lost or said twice, and what was said meanwhile stays as it was said`,
    );
  }
  for (const unchecked of await preflightConnector(pipeline, {
    ...connector,
    file: { name, config: save.config },
  }))
    options.tell(unchecked);
  await connect.resume(name);
  const status = await waitUntilRunning(connect, name, 'created', options);
  if (actual !== undefined && slotName(actual) !== slotName(save.config))
    options.tell(leftSlot(slotName(actual)));
  if (connectorChanges(file.config, save.config).length > 0)
    options.tell(
      `the file of ${name} still says otherwise, and the next apply would bring that again: change it back`,
    );
  const outcome: { probe: ProbeResult | undefined } = { probe: undefined };
  for (const note of await proveFlow(pipeline, connector, outcome, options.timeoutMs)) options.tell(note);
  return { save, status, probe: outcome.probe };
}

/**
 * Its present offset means the same under the settings of the save, so that going back to an older one would only say events twice, or
 * be refused. Not where the offset itself is what somebody wants back.
 */
export function keepsPlace(save: ConnectorSave, actual: ConnectorConfig): boolean {
  if (save.reason.startsWith(OFFSETS)) return false;
  const file = { name: save.connector, config: save.config };
  const now = { config: actual, status: undefined, hasOffsets: true };
  return careFor(planConnector({ file, actual: now, problems: [], defaults: new Map() })) === undefined;
}

/** The offset first: it is right under the settings of the save only, and the connector is STOPPED until it has them. */
async function bringBack(
  connect: ConnectClient,
  save: ConnectorSave,
  { timeoutMs, tell }: RollbackOptions,
): Promise<void> {
  const { connector: name, config } = save;
  const server = config['topic.prefix'] ?? '';
  await changeOffsets(connect, name, offsetsOf(save.offsets, server), timeoutMs);
  await connect.updateConfig(name, config);
  await changeOffsets(connect, name, forgotten(await connect.offsets(name), server), timeoutMs);
  tell(
    `settings and offset are those of save ${save.id}: what was said since is said again, and consumers drop it`,
  );
}

/** The saves of a connector, the newest first. @throws PipelineError `usage_invalid` when its service is not known */
export async function listSaves(connector: OperatedConnector): Promise<ConnectorSave[]> {
  return readSaves(serviceOf(connector).pool, connector.file.name);
}

interface Stopping extends RollbackOptions {
  readonly save: ConnectorSave;
  readonly actual: ConnectorConfig;
  readonly bringsOffset: boolean;
}

/** Its own slot moves until it stands still, so that is looked at once more; until the save is made nothing has changed. */
async function stopAndSave(
  { connect }: OperatedPipeline,
  connector: OperatedConnector,
  service: OperatedService,
  { save, actual, bringsOffset, timeoutMs, tell }: Stopping,
): Promise<void> {
  const { pool } = service;
  const { name } = connector.file;
  const before = await connect.status(name);
  try {
    await stopConnector(connect, name, { timeoutMs, slot: { db: pool, name: slotName(actual) } });
    if (bringsOffset) await refuseLoss(save, service);
    const offsets = await connect.offsets(name);
    const reason = `${ROLLBACK} to save ${save.id}`;
    const made = await saveConnector(pool, { connector: name, reason, config: actual, offsets });
    tell(`settings and offset of before are save ${made.id}`);
  } catch (error) {
    tell(await resumeAfterFailure(connector, connect, before));
    throw error;
  }
}

/** After a heal the slot of before is gone, and a rollback is undone by rolling back to its own save: neither is meant unasked. */
export function findSave(
  saves: readonly ConnectorSave[],
  name: string,
  id: string | undefined,
): ConnectorSave {
  const isMeant = ({ reason }: ConnectorSave): boolean =>
    !reason.startsWith(ROLLBACK) && !reason.startsWith(HEAL);
  const save = saves.find((candidate) => (id === undefined ? isMeant(candidate) : candidate.id === id));
  if (save !== undefined) return save;
  throw new PipelineError(
    'usage_invalid',
    id === undefined
      ? `There is no save of ${name}: apply makes one before a dangerous change.`
      : `There is no save ${id} of ${name}.`,
    { remedy: `Saves there are: ${saves.map((candidate) => candidate.id).join(', ') || 'none'}.` },
  );
}

async function refuseLoss(save: ConnectorSave, { pool, database }: OperatedService): Promise<void> {
  const slot = await readReplicationSlot(pool, slotName(save.config));
  const reason = lossReason(save, slot, { database, endOfLog: await readEndOfLog(pool) });
  if (reason === undefined) return;
  const { connector, id } = save;
  throw new PipelineError(
    'connector_dangerous',
    `${connector} was not rolled back to save ${id}: ${reason}.`,
    {
      remedy: `Put the settings of that save (npx outbox connectors rollback ${connector} --list --json) into its file and run npx outbox connectors apply ${connector} --accept-danger ${connector}: no event is lost, and where the position is gone all retained rows are said again.`,
    },
  );
}

/** Why going on behind the saved offset would pass over events; undefined when it would not. */
export function lossReason(
  save: ConnectorSave,
  slot: ReplicationSlot | undefined,
  { database, endOfLog }: { readonly database: string; readonly endOfLog: bigint | undefined },
): string | undefined {
  const name = slotName(save.config);
  const stored = storedLsn(save.offsets, save.config['topic.prefix']);
  if (stored === undefined) return 'it has no offset to go back to';
  if (endOfLog !== undefined && stored > endOfLog)
    return 'its offset lies beyond the end of the log, so it is of another server';
  if (slot === undefined) return `its replication slot ${name} is gone, and with it the log from there`;
  if (slot.database !== database) return `replication slot ${name} now belongs to database ${slot.database}`;
  if (slot.walStatus === 'lost' || slot.invalidationReason !== undefined)
    return `the server has given up its replication slot ${name} (${slot.invalidationReason ?? 'lost'})`;
  if (slot.confirmedLsn === undefined || slot.confirmedLsn > stored)
    return `its replication slot ${name} has moved on beyond the saved offset, and Debezium would pass over the events between in silence`;
  return undefined;
}

function serviceOf({ file, service }: OperatedConnector): OperatedService {
  if (service !== undefined) return service;
  throw new PipelineError(
    'usage_invalid',
    `No service of src/pipeline.ts has the database of ${file.name}, so nothing of it was saved.`,
    {
      remedy: 'Name the connector at its service in src/pipeline.ts.',
    },
  );
}
