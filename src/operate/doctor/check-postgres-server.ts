import type { Queryable } from '../../platform/postgres/statement.ts';
import { bytesInWords, secondsInWords } from './in-words.ts';
import { ok, problem, warning, type Judgement } from './judgement.ts';

const GIB = 1024 ** 3;
const MIB = 1024 ** 2;
const DAY_S = 86_400;

/** Settings as Postgres keeps them: text, in their own unit. */
export interface ServerSettings {
  readonly serverVersionNum: number;
  readonly version: string;
  readonly walLevel: string;
  /** Bytes; undefined for no limit. */
  readonly slotWalBudget: number | undefined;
  readonly idleSlotTimeoutSeconds: number;
  readonly decodingMemory: number;
  readonly trackCommitTimestamp: boolean;
  readonly maxSlots: number;
  readonly maxWalSenders: number;
  readonly synchronizedStandbySlots: readonly string[];
}

export async function readServerSettings(db: Queryable): Promise<ServerSettings> {
  const { rows } = await db.query<{ name: string; setting: string }>({
    name: 'doctor_server_settings',
    text: `
      select name, setting from pg_settings
      where name = any('{server_version, server_version_num, wal_level, max_slot_wal_keep_size, idle_replication_slot_timeout,
        logical_decoding_work_mem, track_commit_timestamp, max_replication_slots, max_wal_senders, synchronized_standby_slots}'::text[])`,
  });
  const setting = (name: string): string => rows.find((row) => row.name === name)?.setting ?? '';
  const budgetMb = Number(setting('max_slot_wal_keep_size'));
  return {
    serverVersionNum: Number(setting('server_version_num')),
    version: setting('server_version').split(' ')[0] ?? '',
    walLevel: setting('wal_level'),
    slotWalBudget: budgetMb < 0 ? undefined : budgetMb * MIB,
    idleSlotTimeoutSeconds: Number(setting('idle_replication_slot_timeout')),
    decodingMemory: Number(setting('logical_decoding_work_mem')) * 1024,
    trackCommitTimestamp: setting('track_commit_timestamp') === 'on',
    maxSlots: Number(setting('max_replication_slots')),
    maxWalSenders: Number(setting('max_wal_senders')),
    synchronizedStandbySlots: setting('synchronized_standby_slots')
      .split(',')
      .map((name) => name.trim().replaceAll('"', ''))
      .filter((name) => name !== ''),
  };
}

export function judgeVersion({ serverVersionNum, version }: ServerSettings): Judgement {
  if (serverVersionNum >= 180_000) return ok(`Postgres ${version}`);
  return problem(
    `Postgres ${version} has no uuidv7(), which makes the ids of the outbox.`,
    'Upgrade the server to Postgres 18.',
  );
}

export function judgeWalLevel({ walLevel }: ServerSettings): Judgement {
  if (walLevel === 'logical') return ok('logical');
  return problem(
    `wal_level is ${walLevel}: Debezium can read nothing from such a log.`,
    'Set wal_level = logical and restart Postgres.',
  );
}

/** How much log a slot may hold back whose reader stays away. */
export function judgeWalBudget({ slotWalBudget }: ServerSettings): Judgement {
  const remedy = 'Set max_slot_wal_keep_size to what the disk can spare, e.g. 4GB, and reload.';
  if (slotWalBudget === undefined)
    return warning(
      'max_slot_wal_keep_size is -1: a slot that nobody reads fills the disk and stops every service of the server.',
      remedy,
    );
  if (slotWalBudget === 0)
    return problem('max_slot_wal_keep_size is 0: a slot is lost at the first checkpoint.', remedy);
  if (slotWalBudget < GIB)
    return warning(
      `max_slot_wal_keep_size is ${bytesInWords(slotWalBudget)}: a short stop of a connector already loses its slot.`,
      remedy,
    );
  return ok(`max_slot_wal_keep_size ${bytesInWords(slotWalBudget)}`);
}

export function judgeIdleSlotTimeout({ idleSlotTimeoutSeconds }: ServerSettings): Judgement {
  if (idleSlotTimeoutSeconds === 0) return ok('idle slots are kept');
  if (idleSlotTimeoutSeconds >= DAY_S)
    return ok(`idle slots are kept for ${secondsInWords(idleSlotTimeoutSeconds)}`);
  return warning(
    `idle_replication_slot_timeout is ${secondsInWords(idleSlotTimeoutSeconds)}: a connector that is stopped for longer loses its slot.`,
    'Set idle_replication_slot_timeout to 0 or at least 1d and reload; max_slot_wal_keep_size guards the disk.',
  );
}

export function judgeDecodingMemory({ decodingMemory }: ServerSettings): Judgement {
  if (decodingMemory >= 64 * MIB) return ok(`logical_decoding_work_mem ${bytesInWords(decodingMemory)}`);
  return warning(
    `logical_decoding_work_mem is ${bytesInWords(decodingMemory)}: larger transactions are decoded by way of the disk.`,
    'Set logical_decoding_work_mem to 64MB or more and reload.',
  );
}

export function judgeCommitTimestamps({ trackCommitTimestamp }: ServerSettings): Judgement {
  if (trackCommitTimestamp) return ok('track_commit_timestamp on');
  return warning(
    'track_commit_timestamp is off: when an event was committed can not be told later.',
    'Set track_commit_timestamp = on and restart Postgres.',
  );
}

/**
 * @param used places that are taken now
 * @param missing how many of ours have none yet
 */
export function judgePlacesLeft(
  what: 'slots' | 'senders',
  places: { max: number; used: number; missing: number },
): Judgement {
  const setting = what === 'slots' ? 'max_replication_slots' : 'max_wal_senders';
  const name = what === 'slots' ? 'replication slots' : 'WAL senders';
  const left = places.max - places.used;
  const said = `${left} of ${places.max} ${name} are left`;
  const remedy = `Raise ${setting} and restart Postgres, or drop a slot that nobody needs.`;
  if (left < places.missing) return problem(`${said}; ${places.missing} connectors have none yet.`, remedy);
  if (left - places.missing < 1) return warning(`${said}: there is none for a standby or a backup.`, remedy);
  return ok(said);
}
