import { lsnText } from '../../connect/lsn.ts';
import { storedLsn } from '../../connect/connect-client.ts';
import { remedyFor } from '../../connect/connector-remedy.ts';
import { failureOf } from '../../connect/connector-status.ts';
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
import { offsetFindings } from './offset-findings.ts';
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
          ...offsetFindings(facts, postgres.slot, postgres),
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
