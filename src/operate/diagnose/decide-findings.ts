import { lsnText } from '../../connect/lsn.ts';
import { storedLsn, type ConnectorOffsets } from '../../connect/connect-client.ts';
import { remedyFor } from '../../connect/connector-remedy.ts';
import { failureOf, isRunning } from '../../connect/connector-status.ts';
import { publicationFaults } from '../../connect/publication.ts';
import type { ReplicationSlot } from '../../connect/replication-slot.ts';
import {
  outboxTable,
  publicationName,
  slotName,
  type ConnectorFacts,
  type PostgresFacts,
} from './connector-facts.ts';
import type { Finding } from './finding.ts';
import type { RememberedServer } from './remember-server.ts';

/** What these facts say is wrong, the cause before its effects. Time is only that of the facts themselves. */
export function decideFindings(facts: ConnectorFacts): Finding[] {
  const { postgres } = facts;
  return [
    ...missingConnector(facts),
    ...(postgres === undefined
      ? []
      : [
          ...changedServer(facts, postgres),
          ...wrongPublication(facts, postgres),
          ...wrongSlot(facts, postgres.slot, postgres),
          ...wrongOffsets(facts, postgres.slot, postgres),
        ]),
    ...failedTask(facts),
    ...heldBack(facts),
  ];
}

function missingConnector({ name, status }: ConnectorFacts): Finding[] {
  if (status !== undefined) return [];
  return [
    {
      code: 'connector_missing',
      sentence: `Kafka Connect has no connector ${name}: npx outbox connectors apply ${name} creates it.`,
      mend: 'none',
    },
  ];
}

function changedServer(
  { config, offsets }: ConnectorFacts,
  { server, remembered, endOfLog, slot }: PostgresFacts,
): Finding[] {
  const stored = storedLsn(offsets, config['topic.prefix']);
  if (stored !== undefined && endOfLog !== undefined && stored > endOfLog)
    return [
      {
        code: 'server_changed',
        sentence: `The stored offset (${lsnText(stored)}) lies beyond the end of the log (${lsnText(endOfLog)}): it is of another server or of a history that was undone, and Debezium would pass over all events until then.`,
        mend: 'resnapshot',
      },
    ];
  if (remembered === undefined || offsets.length === 0) return [];
  const means = 'the stored offset may mean other bytes of the log there';
  if (remembered.systemIdentifier !== server.systemIdentifier)
    return [
      {
        code: 'server_changed',
        sentence: `The database is on another server than when the connector was last seen healthy (system identifier ${server.systemIdentifier} instead of ${remembered.systemIdentifier}): ${means}.`,
        mend: 'resnapshot',
      },
    ];
  if (remembered.timeline === server.timeline || hasTakenOver(server, remembered, slot)) return [];
  return [
    {
      code: 'timeline_changed',
      sentence: `The server has been promoted or restored since the connector was last seen healthy (timeline ${server.timeline} instead of ${remembered.timeline}): ${means}.`,
      mend: 'resnapshot',
    },
  ];
}

/**
 * Whether the server was a standby then that every reader of a failover slot waited for, and the slot has come along: then nothing was
 * read that the standby did not have, and the stored offset lies in the history that both share. A slot that was made again since, as
 * Debezium does where there is none, is not a synced one.
 */
function hasTakenOver(
  server: PostgresFacts['server'],
  remembered: RememberedServer,
  slot: ReplicationSlot | undefined,
): boolean {
  return (
    server.timeline === remembered.timeline + 1 &&
    remembered.awaitedStandbys.includes(server.followedThrough) &&
    slot?.failover === true &&
    slot.synced
  );
}

function wrongPublication(
  { config, offsets }: ConnectorFacts,
  { publication, remembered }: PostgresFacts,
): Finding[] {
  const name = publicationName(config);
  if (publication === undefined)
    return [
      {
        code: 'publication_missing',
        sentence: `There is no publication ${name}: nothing of the outbox is published, and Postgres 18 passes over what is written meanwhile.`,
        mend: 'publication',
      },
    ];
  const wrong = (sentence: string): Finding[] => [
    { code: 'publication_wrong', sentence, mend: 'publication' },
  ];
  const faults = publicationFaults(publication, outboxTable(config));
  if (faults.length > 0)
    return wrong(
      `Publication ${name} ${faults.join(', ')}; it should publish the inserts into ${outboxTable(config)} and nothing else.`,
    );
  const { changedAt } = publication;
  // It has not begun: it says every retained row, whenever the publication was made.
  if (offsets.length === 0) return [];
  // Dropped and made again, it looks as it should, but what was written in between was passed over.
  if (changedAt !== undefined && remembered !== undefined && changedAt > remembered.seenAt)
    return wrong(
      `Publication ${name} was made or changed at ${changedAt.toISOString()}, after the connector was last seen healthy: rows written before that may have been passed over.`,
    );
  return [];
}

function wrongSlot(
  facts: ConnectorFacts,
  slot: ReplicationSlot | undefined,
  { database }: PostgresFacts,
): Finding[] {
  const name = slotName(facts.config);
  if (slot === undefined) {
    // Neither slot nor offsets: a connector that has not begun.
    if (facts.offsets.length === 0) return [];
    return [
      {
        code: 'slot_missing',
        sentence: `Replication slot ${name} is gone, while the connector has a stored offset: the server no longer keeps the log from there.`,
        mend: 'resnapshot',
      },
    ];
  }
  // Before all else: nothing that is done to it can be right.
  if (slot.database !== database)
    return [
      {
        code: 'slot_held',
        sentence: `Replication slot ${name} belongs to database ${slot.database}, the outbox is in ${database}: slot names are unique in a server, so give this connector a slot.name of its own.`,
        mend: 'none',
      },
    ];
  if (slot.walStatus === 'lost' || slot.invalidationReason !== undefined)
    return [
      {
        code: 'slot_lost',
        sentence: `The server has given up replication slot ${name} (${slot.invalidationReason ?? 'lost'}): the log it needs is gone, and Debezium would only go on trying.`,
        mend: 'resnapshot',
      },
    ];
  return heldSlot(facts, slot);
}

function heldSlot(facts: ConnectorFacts, slot: ReplicationSlot): Finding[] {
  const { reader } = slot;
  const why = reader === undefined ? undefined : strangeness(facts, reader);
  if (reader === undefined || why === undefined) return [];
  const who = `"${reader.application}" as ${reader.role} from ${reader.client} (pid ${reader.pid})`;
  return [
    {
      code: 'slot_held',
      sentence: `Replication slot ${slot.name} is read by ${who}, which is not this connector: ${why}. What it reads, the connector never gets.`,
      mend: 'end_reader',
    },
  ];
}

/** Debezium names its replication connection so, and each other connection otherwise. */
const DEBEZIUM = 'Debezium Streaming';

function strangeness(
  { config, status }: ConnectorFacts,
  reader: NonNullable<ReplicationSlot['reader']>,
): string | undefined {
  if (reader.application !== DEBEZIUM) return `Debezium calls itself "${DEBEZIUM}"`;
  const role = config['database.user'];
  // A reference like ${env:CDC_ORDERS_USER} is known to the worker only.
  if (role !== undefined && !role.includes('${') && role !== reader.role) return `it connects as ${role}`;
  if (status === undefined) return 'Kafka Connect has no such connector';
  if (status.connector.state === 'STOPPED') return 'it is STOPPED';
  const task = status.tasks[0]?.state;
  return task === 'FAILED' ? 'its task has FAILED' : undefined;
}

function wrongOffsets(
  facts: ConnectorFacts,
  slot: ReplicationSlot | undefined,
  { snapshotSince }: PostgresFacts,
): Finding[] {
  // Without a good slot there is nothing to compare with, and it has been said.
  if (slot?.confirmedLsn === undefined || slot.walStatus === 'lost' || slot.invalidationReason !== undefined)
    return [];
  const stored = storedLsn(facts.offsets, facts.config['topic.prefix']);
  const why = snapshotDoubt(facts, slot.confirmedLsn, stored);
  if (why !== undefined)
    return [
      {
        code: 'offsets_missing',
        sentence: `The connector ${why}, while replication slot ${slot.name} exists: a snapshot beside an old slot could miss what is being committed meanwhile, so it needs a new one.`,
        mend: 'resnapshot',
      },
    ];
  if (snapshotRuns(facts, slot))
    return [
      {
        code: 'snapshot_running',
        sentence: `A snapshot is under way${snapshotSince === undefined ? '' : ` since ${snapshotSince.toISOString()}`}: the connector is sending every row that the outbox keeps; new events come after them. Wait, and do not restart it: that would begin anew.`,
        mend: 'none',
      },
    ];
  if (stored === undefined) return [];
  if (slot.confirmedLsn <= stored || isConfirmedByItself(facts, slot)) return [];
  return [
    {
      code: 'slot_ahead',
      sentence: `Replication slot ${slot.name} is ahead of the stored offset (${lsnText(slot.confirmedLsn)}, offset ${lsnText(stored)}): Debezium would pass over the events between in silence.`,
      mend: 'resnapshot',
    },
  ];
}

/**
 * Debezium confirms what Kafka has acknowledged by the time Connect has stored an offset, which may be some records more. So a slot is
 * ahead of the offset for a moment and nothing is lost, if both are of the reader that is there now: nobody else can move the slot
 * while it reads. It confirms only after an offset of its own was stored, so until its first confirmation the offset is an earlier
 * one's, and who has moved the slot since is not known. This holds with lsn.flush.mode `connector`.
 *
 * Two limits. A reader that began behind its slot shows that until its first confirmation (Connect's offset.flush.interval.ms) and
 * never after: whoever did not look by then learns of it from the gaps in the keys' sequences. And a worker that was killed between
 * storing an offset and the next leaves a slot that is ahead by records which Kafka has: said as well, since nobody can tell.
 */
function isConfirmedByItself({ status }: ConnectorFacts, { reader }: ReplicationSlot): boolean {
  return reader?.hasConfirmed === true && status !== undefined && isRunning(status);
}

/** When what the offset names was committed. */
export function offsetTime(offsets: ConnectorOffsets): Date | undefined {
  const micros = offsets[0]?.offset?.['ts_usec'];
  return typeof micros === 'number' ? new Date(micros / 1_000) : undefined;
}

/** Debezium reads from its slot only when the snapshot is through; the first offset of a snapshot comes with its first records. */
function snapshotRuns({ status, offsets }: ConnectorFacts, slot: ReplicationSlot): boolean {
  if (status === undefined || !isRunning(status) || slot.active) return false;
  const offset = offsets[0]?.offset ?? undefined;
  if (offset === undefined) return true;
  return Object.hasOwn(offset, 'snapshot') && !isSnapshotComplete(offset);
}

const isSnapshotComplete = (offset: Readonly<Record<string, unknown>>): boolean =>
  offset['snapshot_completed'] === true || offset['last_snapshot_record'] === true;

/** Why the slot and the snapshot that its reader begins with don't belong together. */
function snapshotDoubt(
  { status, offsets }: ConnectorFacts,
  confirmed: bigint,
  stored: bigint | undefined,
): string | undefined {
  // Its task is at it: the first offset is stored with the first record or heartbeat, and a snapshot takes its time.
  const isAtIt = status !== undefined && isRunning(status);
  if (stored === undefined) return isAtIt ? undefined : 'has no stored offset';
  const offset = offsets[0]?.offset ?? {};
  if (!Object.hasOwn(offset, 'snapshot')) return undefined;
  // A snapshot with a slot of its own stands where the slot begins; one that was broken off is begun anew at the end of the log.
  if (stored > confirmed) return 'has begun a snapshot anew';
  return isAtIt || isSnapshotComplete(offset) ? undefined : 'was stopped in the middle of a snapshot';
}

function failedTask({ status }: ConnectorFacts): Finding[] {
  const failure = status && failureOf(status);
  if (failure === undefined) return [];
  return [
    {
      code: 'task_failed',
      sentence: `The ${failure.part} has FAILED: ${failure.reason.replace(/[.!?]?$/, '.')} ${remedyFor(failure.reason)}`,
      mend: 'restart',
    },
  ];
}

function heldBack({ name, status, offsets, postgres }: ConnectorFacts): Finding[] {
  const state = status?.connector.state;
  if (state !== 'STOPPED' && state !== 'PAUSED') return [];
  const heldBack = (why: string, mend: Finding['mend']): Finding[] => [
    { code: 'held_back', sentence: `The connector is ${state}${why}`, mend },
  ];
  // Nothing to lose: it begins with every retained row.
  if (offsets.length === 0 && postgres !== undefined && postgres.slot === undefined)
    return heldBack(
      ' and has neither slot nor offset: resumed, it begins with every retained row.',
      'resnapshot',
    );
  if (state === 'STOPPED' && postgres?.healBegunAt !== undefined)
    return heldBack(
      ` by a heal of ${postgres.healBegunAt.toISOString()} that did not come to its end.`,
      'restart',
    );
  return heldBack(`: somebody told it to, npx outbox connectors resume ${name} lets it go on.`, 'none');
}
