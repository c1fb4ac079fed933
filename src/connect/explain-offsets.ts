import type { ReplicationSlot } from './replication-slot.ts';
import { lsnText } from './lsn.ts';

/** What of a slot decides where reading begins. */
export type SlotPlace = Pick<ReplicationSlot, 'name' | 'confirmedLsn'>;

const HEAL = 'npx outbox connectors heal mends it';

/** What the stored offset and the slot mean together for the next start, in one sentence. */
export function explainPlace(stored: bigint | undefined, slot: SlotPlace | undefined): string {
  const confirmed = slot?.confirmedLsn;
  if (slot === undefined || confirmed === undefined)
    return stored === undefined
      ? 'There is neither slot nor offset: the connector begins with every row that the outbox still has.'
      : `There is an offset but no slot: the server does not keep the log from there; ${HEAL}.`;
  if (stored === undefined)
    return `There is no offset, but a slot: a snapshot beside an old slot could miss what is being committed; ${HEAL}.`;
  if (confirmed > stored)
    return `The slot is ${confirmed - stored} bytes AHEAD of the offset: Debezium would pass over the events between in silence; ${HEAL}.`;
  if (confirmed === stored)
    return 'The slot stands at the offset: reading goes on behind it, nothing is lost.';
  return `The slot is ${stored - confirmed} bytes behind the offset: the server sends those again, Debezium passes over what it has sent already, nothing is lost.`;
}

/** What storing this position instead does, one sentence each. */
export function explainChange(
  stored: bigint | undefined,
  next: bigint | undefined,
  slot: SlotPlace | undefined,
): string[] {
  if (next === undefined) return [...forgotten(slot)];
  // What is before the slot's place is not read again, whatever the offset says.
  const confirmed = slot?.confirmedLsn ?? 0n;
  const readFrom = stored !== undefined && stored > confirmed ? stored : confirmed;
  if ((stored !== undefined || slot?.confirmedLsn !== undefined) && next > readFrom)
    return [
      `Events that were committed in the ${next - readFrom} bytes of the log after ${lsnText(readFrom)} are passed over: whoever reads the topics never gets them.`,
    ];
  if (stored !== undefined && next === stored)
    return ['The position is the one that is stored already.', explainPlace(next, slot)];
  return [
    ...(stored !== undefined && next < stored ? [`The position goes back by ${stored - next} bytes.`] : []),
    explainPlace(next, slot),
  ];
}

function forgotten(slot: SlotPlace | undefined): string[] {
  const again =
    'every row that the outbox still has is sent again, in the order of id; consumers drop what they know';
  return slot === undefined
    ? [`At the next start ${again}.`]
    : [
        `The slot ${slot.name} stays, and a snapshot beside an old slot could miss what is being committed: resume will refuse until npx outbox connectors heal has given it a new one, and then ${again}.`,
      ];
}
