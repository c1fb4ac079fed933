import type { Decoder } from '../../events/decoder.ts';
import type { Transaction } from '../../platform/postgres/transaction.ts';
import { identifyRecord } from '../identify-record.ts';
import type { LogRecord } from '../read-envelope.ts';
import type { ReceivedEvent } from '../receive-records.ts';
import { decideReplay, type KeyReach, type Recorded, type ReplayVerdict } from './decide-replay.ts';
import type { RebuildDefinition, ReplayedEvent } from './define-rebuild.ts';
import {
  insertCases,
  insertLeft,
  selectKeyRows,
  selectRecorded,
  upsertKeyRows,
  type Disagreement,
  type KeySpan,
} from './replay-rows.ts';

export interface Replay {
  readonly definition: RebuildDefinition;
  readonly decoder: Decoder;
  readonly fromBeginning: boolean;
}

export interface ReplayedRecords {
  readonly partition: number;
  readonly records: readonly LogRecord[];
  /** Where the live consumer began in this partition. */
  readonly liveStart: number;
  /** All that may be known of their keys has been read: whatever is missing before one of them was passed over by a person. */
  readonly isComplete: boolean;
}

interface Judged {
  readonly received: ReceivedEvent;
  readonly recorded: Recorded | undefined;
  readonly verdict: ReplayVerdict;
}

/**
 * Replays records of one partition, in their order, in the transaction of the caller, whose search_path names the second state. What
 * the live consumer has recorded is read, never changed. A constant number of statements.
 * @throws whatever the definition's replay throws; what concerns more than one record (the registry is away)
 */
export async function replayRecords(tx: Transaction, replay: Replay, read: ReplayedRecords): Promise<void> {
  const { definition } = replay;
  const { consumer, topic } = definition;
  if (read.records.length === 0) return;
  const ids = read.records.map(
    (record) => identifyRecord(record, { topic, partition: read.partition }).eventId,
  );
  const recorded = await selectRecorded(tx, consumer, [...new Set(ids)]);
  // Old events are refused today, but were not when they were applied: each is read as of then.
  const received = await receiveAsOfThen(replay, read, ids, recorded);
  const keys = [...new Set(received.map(({ identity }) => identity.key))];
  const rows = await selectKeyRows(tx, { consumer, topic }, keys);
  const reaches = new Map(
    keys.map((key): [string, KeyReach] => {
      const { base = null, last = null } = rows.get(key) ?? {};
      return [key, { last: last ?? undefined, expected: last === null ? (base ?? undefined) : last + 1 }];
    }),
  );
  const { judged, spans } = judge(replay, read, received, recorded, reaches);
  await upsertKeyRows(tx, consumer, spans);
  await insertLeft(
    tx,
    consumer,
    judged.filter(({ verdict }) => verdict.kind === 'leave').map((one) => one.received),
  );
  await insertCases(tx, consumer, [
    ...judged.flatMap((one) => (one.verdict.kind === 'disagree' ? [caseOf(one, one.verdict.now)] : [])),
    ...(await replayEffects(tx, definition, judged)),
  ]);
}

async function replayEffects(
  tx: Transaction,
  definition: RebuildDefinition,
  judged: readonly Judged[],
): Promise<Disagreement[]> {
  const toReplay = judged.filter(({ verdict }) => verdict.kind === 'replay');
  if (toReplay.length === 0) return [];
  const misfits = await definition.replay(
    tx,
    toReplay.map(({ received, recorded }): ReplayedEvent => {
      const at = received.content.use === 'apply' ? received.content.event.occurredAt : new Date(0);
      return { received, outcome: recorded?.outcome, appliedAt: recorded?.appliedAt ?? at };
    }),
  );
  return toReplay.flatMap((one, place) => {
    const misfit = misfits[place];
    return misfit === undefined ? [] : [caseOf(one, misfit)];
  });
}

function judge(
  replay: Replay,
  read: ReplayedRecords,
  received: readonly ReceivedEvent[],
  recorded: ReadonlyMap<string, Recorded>,
  reaches: Map<string, KeyReach>,
): { judged: Judged[]; spans: Map<string, KeySpan> } {
  const spans = new Map<string, KeySpan>();
  const rules = { outcomesBind: replay.definition.outcomesBind, fromBeginning: replay.fromBeginning };
  const judged = received.map((event): Judged => {
    const { eventId, key, keySeq, partition, offset } = event.identity;
    const known = reaches.get(key) ?? { last: undefined, expected: undefined };
    const isBeforeStart = offset < read.liveStart;
    // What lies before the live consumer's begin has no order that it knew of.
    const reach = read.isComplete || isBeforeStart ? { ...known, expected: undefined } : known;
    const record = { partition, offset, keySeq, use: event.content.use, isBeforeStart };
    const verdict = decideReplay({ ...record, recorded: recorded.get(eventId) }, reach, rules);
    if (verdict.kind !== 'leave' && verdict.kind !== 'copy' && keySeq !== null) {
      const last = Math.max(known.last ?? 0, keySeq);
      reaches.set(key, { last, expected: last + 1 });
      spans.set(key, { first: Math.min(spans.get(key)?.first ?? keySeq, keySeq), last });
    }
    return { received: event, recorded: recorded.get(eventId), verdict };
  });
  return { judged, spans };
}

async function receiveAsOfThen(
  { definition, decoder }: Replay,
  read: ReplayedRecords,
  ids: readonly string[],
  recorded: ReadonlyMap<string, Recorded>,
): Promise<ReceivedEvent[]> {
  const received = await Promise.all(
    read.records.map((record, place) => {
      const now = recorded.get(ids[place] ?? '')?.appliedAt ?? timeOf(record);
      return definition.receive([record], { partition: read.partition, decoder, now });
    }),
  );
  return received.flat();
}

const timeOf = (record: LogRecord): Date => new Date(Number(record.timestamp ?? 0));

const caseOf = ({ received: { identity, content }, recorded }: Judged, now: string): Disagreement => ({
  eventId: identity.eventId,
  type: 'event' in content ? content.event.type : null,
  key: identity.key,
  recorded: recorded?.outcome ?? 'not seen',
  now: now.slice(0, 500),
});
