import type { ReplicationSlot } from '../../connect/replication-slot.ts';
import { foundOf, unreachableOf, type ConnectorLook } from './connector-look.ts';
import type { FindingCode } from '../diagnose/finding.ts';
import { secondsUntilFull } from './wal-growth.ts';

/** What is wrong, in sentences; healthy when nothing is. */
export interface ConnectorHealth {
  readonly healthy: boolean;
  readonly reasons: readonly string[];
}

/** A task that has just started may still be on its way to its slot. */
const STARTING_MS = 10_000;
/** So many heartbeats may be missed; a record more or less late is no news. */
const MISSED_HEARTBEATS = 3;
const SOON_FULL_S = 30 * 60;
/** What the states of connector and task say already. */
const SAID_BY_STATE: readonly FindingCode[] = ['connector_missing', 'held_back', 'task_failed'];

/**
 * RUNNING is not healthy: it is when connector and tasks run, the slot is being read and safe, slot and stored offset fit, and
 * heartbeats and a probe come through. What could not be looked at is not healthy either; what nobody could be asked about is.
 */
export function connectorHealth(look: ConnectorLook): ConnectorHealth {
  const reasons = [
    ...stateReasons(look),
    ...findingReasons(look),
    ...slotReasons(look),
    ...heartbeatReasons(look),
    ...probeReasons(look),
    ...unreachableReasons(look),
  ];
  return { healthy: reasons.length === 0, reasons };
}

function stateReasons(look: ConnectorLook): string[] {
  return look.parts.flatMap(({ part, state, problem }) => {
    if (state === 'RUNNING') return [];
    if (state === 'MISSING')
      return part === 'connector'
        ? [`Connect has no connector of this name; npx outbox connectors apply ${look.name} creates it.`]
        : [`The connector has no task; the worker's log says why.`];
    const what = part === 'connector' ? 'The connector' : `Task ${part.replace('task ', '')}`;
    const next =
      state === 'PAUSED' || state === 'STOPPED' ? `; npx outbox connectors resume ${look.name}` : '';
    return [`${what} is ${state}${problem === undefined ? next : `: ${problem.replace(/\.$/, '')}`}.`];
  });
}

function findingReasons(look: ConnectorLook): string[] {
  return (foundOf(look.findings) ?? [])
    .filter(({ code }) => !SAID_BY_STATE.includes(code))
    .map(({ sentence, mend }) =>
      mend === 'resnapshot' ? `${sentence} Mend it: npx outbox connectors heal ${look.name}.` : sentence,
    );
}

function slotReasons(look: ConnectorLook): string[] {
  if (look.slot === undefined || !('found' in look.slot)) return [];
  // The diagnosis says more about a slot that is gone or lost.
  const diagnosed =
    isInSnapshot(look) || (foundOf(look.findings) ?? []).some(({ code }) => code.startsWith('slot_'));
  const slot = look.slot.found;
  if (slot === undefined)
    return diagnosed || !runs(look) ? [] : [`The replication slot ${look.slotName} does not exist.`];
  const unread =
    runs(look) && !slot.active && ageOfTask(look) >= STARTING_MS
      ? [`Nobody reads the slot ${slot.name}, although the task says RUNNING.`]
      : [];
  return [...(diagnosed ? [] : unread), ...walReasons(slot, look.walBytesPerSecond)];
}

function walReasons(slot: ReplicationSlot, bytesPerSecond: number | undefined): string[] {
  const stop = 'Let the connector read, or raise max_slot_wal_keep_size, before the slot is lost.';
  if (slot.walStatus === 'unreserved')
    return [`The slot ${slot.name} holds more log than the server promises to keep. ${stop}`];
  const seconds = secondsUntilFull(slot, bytesPerSecond);
  const halfFull = slot.bytesLeft !== undefined && slot.bytesHeld > slot.bytesLeft;
  if (!halfFull || seconds === undefined || seconds > SOON_FULL_S) return [];
  return [`At the present rate the slot ${slot.name} is lost in ${Math.ceil(seconds / 60)} min. ${stop}`];
}

/** Whether heartbeats are due, and it is known which was the newest. */
export function hasHeartbeats(look: ConnectorLook): boolean {
  if (look.heartbeatEveryMs === 0 || !runs(look) || isInSnapshot(look)) return false;
  return look.heartbeatAt !== undefined && 'found' in look.heartbeatAt;
}

/** Without a heartbeat for longer, something is wrong. */
export const heartbeatWithinMs = (look: ConnectorLook): number =>
  MISSED_HEARTBEATS * look.heartbeatEveryMs + 5_000;

function heartbeatReasons(look: ConnectorLook): string[] {
  if (!hasHeartbeats(look)) return [];
  const newest = foundOf(look.heartbeatAt)?.getTime() ?? 0;
  // Since the task's start none may have been due yet.
  const ageMs = Math.min(look.at.getTime() - newest, ageOfTask(look));
  if (ageMs <= heartbeatWithinMs(look)) return [];
  const every = `one is due every ${look.heartbeatEveryMs / 1000} s`;
  return newest === 0
    ? [`There is no heartbeat, although ${every}.`]
    : [`The last heartbeat is ${Math.round((look.at.getTime() - newest) / 1000)} s old, and ${every}.`];
}

/** What has been sent before it stopped running says nothing new. */
function probeReasons(look: ConnectorLook): string[] {
  if (!runs(look) || isInSnapshot(look)) return [];
  const probe = foundOf(look.probe);
  if (probe === undefined || probe.arrived) return [];
  return [probe.reason ?? `A probe event did not come through; it is stuck before: ${probe.slowHop}.`];
}

/** The probe needs both, so it would say again what they say. */
function unreachableReasons(look: ConnectorLook): string[] {
  const said = [look.slot, look.findings, look.heartbeatAt].flatMap((looked) => unreachableOf(looked) ?? []);
  return [...new Set(said.length > 0 ? said : [unreachableOf(look.probe) ?? []].flat())];
}

/** It has neither heartbeats nor new events to send before it reads the log, and that is said once. */
const isInSnapshot = (look: ConnectorLook): boolean =>
  (foundOf(look.findings) ?? []).some(({ code }) => code === 'snapshot_running');

const runs = (look: ConnectorLook): boolean => look.parts.every(({ state }) => state === 'RUNNING');

/** Without a history nobody knows; then it counts as having run for long. */
function ageOfTask(look: ConnectorLook): number {
  const starts = look.parts.map(({ history }) => history?.since.getTime() ?? 0);
  return look.at.getTime() - Math.max(...starts);
}
