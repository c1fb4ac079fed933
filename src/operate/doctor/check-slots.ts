import type { Queryable } from '../../platform/postgres/statement.ts';
import type { OperatedConnector } from '../operated-pipeline.ts';
import { bytesInWords, secondsInWords } from './in-words.ts';
import { ok, problem, skipped, warning, wrongOr, type Judgement } from './judgement.ts';

const MIB = 1024 ** 2;
/** A restart of the connector, or a rebalance. */
const SHORT_PAUSE_S = 600;
/** What an idle slot of somebody else may hold without a word. */
const FOREIGN_BYTES = 256 * MIB;

export interface ServerSlot {
  readonly name: string;
  readonly kind: 'logical' | 'physical';
  readonly database: string;
  readonly active: boolean;
  readonly inactiveSeconds: number;
  readonly walStatus: string;
  readonly reason: string;
  readonly bytesHeld: number;
  /** Undefined without a budget. */
  readonly bytesLeft: number | undefined;
  readonly temporary: boolean;
  readonly failover: boolean;
}

export async function readServerSlots(db: Queryable): Promise<ServerSlot[]> {
  const { rows } = await db.query<Omit<ServerSlot, 'bytesLeft'> & { bytesLeft: number | null }>({
    name: 'doctor_slots',
    text: `
      select slot_name as name, slot_type as kind, coalesce(database, '') as database, active, temporary, failover,
             coalesce(wal_status, 'lost') as "walStatus", coalesce(invalidation_reason, '') as reason,
             coalesce(extract(epoch from clock_timestamp() - inactive_since), 0)::float as "inactiveSeconds",
             greatest(coalesce(pg_wal_lsn_diff(pg_current_wal_lsn(), restart_lsn), 0), 0)::bigint as "bytesHeld",
             safe_wal_size as "bytesLeft"
      from pg_replication_slots
      order by slot_name`,
  });
  return rows.map((row) => ({ ...row, bytesLeft: row.bytesLeft ?? undefined }));
}

export async function countWalSenders(db: Queryable): Promise<number> {
  const { rows } = await db.query<{ used: number }>({
    name: 'doctor_wal_senders',
    text: `select count(*)::integer as used from pg_stat_activity where backend_type = 'walsender'`,
  });
  return rows[0]?.used ?? 0;
}

/** A slot that is missing is the connector's diagnosis, as is one that is held by somebody else or ahead of the stored offset. */
export function judgeOwnSlots(
  slots: readonly ServerSlot[],
  connectors: readonly OperatedConnector[],
): Judgement[] {
  const own = connectors.flatMap((connector) => {
    const slot = slots.find(({ name }) => name === connector.file.config['slot.name']);
    return slot === undefined ? [] : [judgeOwnSlot(slot, connector.file)];
  });
  return own.length === 0 ? [skipped('no connector has a slot here yet')] : own;
}

export function judgeOwnSlot(
  slot: ServerSlot,
  { name: connector, config }: Pick<OperatedConnector['file'], 'name' | 'config'>,
): Judgement {
  const heal = `Run: npx outbox connectors heal ${connector}`;
  if (slot.walStatus === 'lost')
    return problem(
      `${slot.name} is lost (${slot.reason || 'its log was removed'}): nothing more comes through it.`,
      heal,
    );
  const held = bytesInWords(slot.bytesHeld);
  const budget = slot.bytesLeft === undefined ? undefined : slot.bytesHeld + slot.bytesLeft;
  if (slot.walStatus === 'unreserved' || (budget !== undefined && slot.bytesHeld > 0.8 * budget))
    return problem(
      `${slot.name} holds ${held} of log and is about to be given up by the server.`,
      `Bring ${connector} back at once (npx outbox connectors status); when the slot is lost: npx outbox connectors heal ${connector}`,
    );
  if (!slot.active) return inactive(slot, connector);
  if (budget !== undefined && slot.bytesHeld > 0.5 * budget)
    return warning(
      `${slot.name} holds ${held}, more than half of what it may.`,
      `See why ${connector} does not keep up: npx outbox connectors status`,
    );
  // Debezium asks for it when it makes the slot, and never again.
  if (config['slot.failover'] === 'true' && !slot.failover)
    return warning(
      `${slot.name} is no failover slot, although ${connector} asks for one: a standby that takes over does not have it, and what was not read by then is only in the outbox.`,
      `npx outbox connectors stop ${connector}; over a replication connection as its role: ALTER_REPLICATION_SLOT ${slot.name} (FAILOVER true); npx outbox connectors resume ${connector}`,
    );
  return ok(`${slot.name} is read, ${held} held`);
}

function inactive(slot: ServerSlot, connector: string): Judgement {
  const sentence = `Nobody reads ${slot.name} since ${secondsInWords(slot.inactiveSeconds)}; it holds ${bytesInWords(slot.bytesHeld)} of log.`;
  const remedy = `See what keeps ${connector} from reading it: npx outbox connectors status`;
  return slot.inactiveSeconds > SHORT_PAUSE_S ? problem(sentence, remedy) : warning(sentence, remedy);
}

/** Slots of others share the disk, and the checkpoint waits for all. */
export function judgeForeignSlots(slots: readonly ServerSlot[], own: ReadonlySet<string>): Judgement[] {
  const foreign = slots.filter(({ name, temporary }) => !own.has(name) && !temporary);
  const judged = foreign.map((slot): Judgement => {
    const remedy = `If nobody needs it any more: select pg_drop_replication_slot('${slot.name}')`;
    if (slot.walStatus === 'lost')
      return warning(`${slot.name}, which is not of this pipeline, is lost and takes a place.`, remedy);
    if (slot.active || slot.bytesHeld < FOREIGN_BYTES) return ok(slot.name);
    return warning(
      `${slot.name}, which is not of this pipeline, is not read and holds ${bytesInWords(slot.bytesHeld)} of log.`,
      remedy,
    );
  });
  return wrongOr(judged, foreign.length === 0 ? 'there are none' : 'none holds back much log');
}

/**
 * A failover slot is only worth something when the standby is never behind its reader: that is what synchronized_standby_slots
 * makes sure of. But a standby named there that is away keeps every such reader waiting.
 */
export function judgeStandbySlots(
  slots: readonly ServerSlot[],
  synchronized: readonly string[],
  failover: boolean,
): Judgement {
  const physical = slots.filter(({ kind, temporary }) => kind === 'physical' && !temporary);
  if (!failover) return ok('no connector asks for failover slots');
  for (const name of synchronized) {
    const slot = physical.find((candidate) => candidate.name === name);
    if (slot?.active === true) continue;
    return problem(
      `synchronized_standby_slots names ${name}, which ${slot === undefined ? 'does not exist' : 'no standby reads'}: connectors with slot.failover get nothing until it does.`,
      'Bring the standby back, or take it out of synchronized_standby_slots and reload.',
    );
  }
  if (synchronized.length > 0) return ok(`readers wait for ${synchronized.join(', ')}`);
  if (physical.length === 0) return ok('there is no standby');
  return warning(
    `There is a standby (${physical.map(({ name }) => name).join(', ')}), but synchronized_standby_slots is empty: after a failover events that were already read can be missing in it.`,
    "Name the standby's slot in synchronized_standby_slots and reload.",
  );
}
