import { storedLsn, type ConnectorOffsets } from '../../connect/connect-client.ts';
import { isRunning } from '../../connect/connector-status.ts';
import { lsnText } from '../../connect/lsn.ts';
import type { ReplicationSlot } from '../../connect/replication-slot.ts';
import type { ConnectorFacts, PostgresFacts } from './connector-facts.ts';
import type { Finding } from './finding.ts';

/** What is wrong between the stored offset and a slot that is good by itself. */
export function offsetFindings(
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
