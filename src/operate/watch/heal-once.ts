import type { ConnectClient } from '../../connect/connect-client.ts';
import { hasHeartbeats, heartbeatWithinMs } from './connector-health.ts';
import { foundOf, unreachableOf, type ConnectorLook } from './connector-look.ts';
import {
  isOldFailure,
  nextHealStep,
  notFailed,
  type HealPolicy,
  type HealState,
  type RestartedFailure,
  type Seen,
} from './heal-failed-tasks.ts';
import { describeError } from '../../platform/errors.ts';
import { losesEvents } from '../diagnose/loses-events.ts';

/** What healing did, or why it did not. `held`: restarting would lose events, or nobody can say whether it would. */
export interface HealingNews {
  readonly at: Date;
  readonly connector: string;
  readonly event: 'restarted' | 'ended reader' | 'held' | 'gave up' | 'command failed' | 'healthy again';
  readonly sentence: string;
}

/** A connector that is given up, for whoever is called then. */
export interface GivenUp {
  readonly connector: string;
  /** `connector`, or `task 0`. */
  readonly part: string;
  /** First line of its trace. */
  readonly problem: string;
}

/** What healing touches. */
export interface HealingHands {
  readonly connect: Pick<ConnectClient, 'restart' | 'restartFailed'>;
  /**
   * Ends this session if it still reads the slot of this connector.
   * @returns how it called itself; undefined when it did not read it any more
   */
  readonly endReader: (connector: string, pid: number) => Promise<string | undefined>;
}

export interface Healing {
  readonly policy: HealPolicy;
  /** Called once for each connector that is given up; the sentence says what went wrong with the call. */
  readonly onGiveUp: ((givenUp: GivenUp) => Promise<string | undefined>) | undefined;
  /** By connector; filled by `healOnce`. */
  readonly states: Map<string, HealState>;
  /** Why each of them was held last: said again only when it is another reason. */
  readonly held: Map<string, string>;
  /** How far each of them had come, and when that was first seen, or else was not known. */
  readonly progress: Map<string, { readonly come: string | undefined; readonly at: number }>;
  /** What each of them was restarted for last. */
  readonly restarted: Map<string, RestartedFailure>;
  /** Who read the slot of one that was restarted for standing still, to be ended if it does not let go. */
  readonly oldReaders: Map<string, { readonly pid: number; readonly restartedAt: number }>;
}

export function startHealing(policy: HealPolicy, onGiveUp: Healing['onGiveUp']): Healing {
  return {
    policy,
    onGiveUp,
    states: new Map(),
    held: new Map(),
    progress: new Map(),
    restarted: new Map(),
    oldReaders: new Map(),
  };
}

/** What is to be restarted, and why. */
interface Trouble {
  readonly part: string;
  readonly state: 'FAILED' | 'standing still';
  readonly problem: string | undefined;
  /** When it came to that, as the worker says; undefined where nobody tells. */
  readonly since: number | undefined;
}

/**
 * Restarts what the look saw FAILED, or RUNNING without heartbeats, if it is its turn and slot and stored offset fit. A restart that Connect refuses or does not
 * answer counts as one, and so does one that is held back: a connector that stays FAILED is given up in the end, whatever the reason.
 */
export async function healOnce(
  { connect, endReader }: HealingHands,
  look: ConnectorLook,
  healing: Healing,
  tell: (news: HealingNews) => void,
): Promise<void> {
  const { name, at } = look;
  const say = (event: HealingNews['event'], sentence: string): void =>
    tell({ at, connector: name, event, sentence });
  const ended = await endOldReader(look, healing, endReader);
  if (ended !== undefined) say('ended reader', ended);
  const trouble = troubleIn(look, healing);
  const held = trouble && heldBecause(look);
  const before = stateBefore(name, held, healing);
  const seen = seenIn(look, trouble, healing.restarted.get(name));
  const { state, step } = nextHealStep(before, seen, at.getTime(), healing.policy);
  healing.states.set(name, state);
  if (seen === 'running') healing.held.delete(name);
  if (before.restarts > 0 && state.restarts === 0) say('healthy again', `${name} runs again and stays so.`);
  if (trouble === undefined) return;
  if (step === 'give up') giveUp({ name, trouble, held }, healing, say);
  if (step !== 'restart') return;
  if (held !== undefined) {
    if (healing.held.get(name) !== held) say('held', held);
    healing.held.set(name, held);
    return;
  }
  healing.held.delete(name);
  const { limit } = healing.policy;
  const what = trouble.state === 'FAILED' ? 'had FAILED' : `stood still: ${trouble.problem}`;
  say(
    'restarted',
    `${name}: ${partOf(trouble)} ${what.replace(/\.$/, '')}; restart ${state.restarts} of ${limit}.`,
  );
  healing.restarted.delete(name);
  await (trouble.state === 'FAILED' ? connect.restartFailed(name) : connect.restart(name));
  healing.restarted.set(name, failureOf(trouble, at));
  const pid = foundOf(look.slot)?.reader?.pid;
  if (trouble.state === 'standing still' && pid !== undefined)
    healing.oldReaders.set(name, { pid, restartedAt: at.getTime() });
}

/** Connect waits 5 s for a task to end (`task.shutdown.graceful.timeout.ms`) before it leaves it to itself and starts the next one. */
const LETS_GO_WITHIN_MS = 10_000;

/**
 * A task that stands still may not hear that it was told to end, and keep the slot from the one that was started for it. Its connection is
 * ended then, which is safe: it is no longer the task of this connector, and what it had not confirmed is read again. When this process dies
 * before, the new task is refused and FAILED in the end, and `connectors heal` names who holds the slot.
 */
async function endOldReader(
  { name, at, slot }: ConnectorLook,
  { oldReaders }: Healing,
  endReader: HealingHands['endReader'],
): Promise<string | undefined> {
  const old = oldReaders.get(name);
  const found = foundOf(slot);
  if (old === undefined || found === undefined) return undefined;
  if (found.reader?.pid === old.pid && at.getTime() - old.restartedAt < LETS_GO_WITHIN_MS) return undefined;
  oldReaders.delete(name);
  if (found.reader?.pid !== old.pid) return undefined;
  try {
    const reader = await endReader(name, old.pid);
    return (
      reader &&
      `${name}: the task before the restart did not end and kept slot ${found.name}; its connection ${reader} was ended.`
    );
  } catch (error) {
    return `${name}: the task before the restart keeps slot ${found.name}, and its connection could not be ended: ${describeError(error)}`;
  }
}

function troubleIn(look: ConnectorLook, healing: Healing): Trouble | undefined {
  const stillForMs = msWithoutProgress(look, healing);
  const failed = look.parts.find(({ state }) => state === 'FAILED');
  if (failed !== undefined) {
    const { part, problem, history } = failed;
    return { part, state: 'FAILED', problem, since: history?.since.getTime() };
  }
  const task = look.parts.at(-1);
  if (task === undefined || stillForMs <= heartbeatWithinMs(look)) return undefined;
  const problem = `No heartbeat has come for ${Math.round(stillForMs / 1_000)} s, and one is due every ${look.heartbeatEveryMs / 1_000} s.`;
  return { part: task.part, state: 'standing still', problem, since: look.at.getTime() };
}

/**
 * Debezium sends heartbeats whether there are events or not, and confirms them to its slot. One that says RUNNING and does neither waits for
 * something that does not come: with its clock set back by an hour, for an hour. Measured by our own clock alone, whatever the clocks
 * of worker and broker say; and by two witnesses, since either may be what stands still.
 */
function msWithoutProgress(look: ConnectorLook, { progress }: Healing): number {
  const at = look.at.getTime();
  const come = comeTo(look);
  const last = progress.get(look.name);
  if (come !== undefined && come === last?.come) return at - last.at;
  progress.set(look.name, { come, at });
  return 0;
}

/** undefined where it is not to be expected, or one of both is not known. */
function comeTo(look: ConnectorLook): string | undefined {
  const slot = foundOf(look.slot);
  if (!hasHeartbeats(look) || slot === undefined) return undefined;
  return `${foundOf(look.heartbeatAt)?.getTime()} ${slot.confirmedLsn}`;
}

/** What was only held back is a new row as soon as nothing holds it any more, even where it had been given up. */
function stateBefore(name: string, held: string | undefined, { states, held: reasons }: Healing): HealState {
  const state = states.get(name) ?? notFailed;
  return state.gaveUp && held === undefined && reasons.delete(name) ? notFailed : state;
}

/**
 * What is restarted is given longer: where the task before it has not ended, Debezium tries twelve times, five seconds apart, to register its
 * metrics before it reads (seen with a clock that was set back).
 */
const FIRST_PROGRESS_MS = 120_000;

const isStarting = (
  { state }: Trouble,
  { at }: ConnectorLook,
  restarted: RestartedFailure | undefined,
): boolean =>
  state === 'standing still' && restarted !== undefined && at.getTime() - restarted.at < FIRST_PROGRESS_MS;

function seenIn(
  look: ConnectorLook,
  trouble: Trouble | undefined,
  restarted: RestartedFailure | undefined,
): Seen {
  if (trouble !== undefined) {
    const isOld = isOldFailure(restarted, failureOf(trouble, look.at), look.at.getTime());
    return isOld || isStarting(trouble, look, restarted) ? 'on the way' : 'failed';
  }
  return look.parts.every(({ state }) => state === 'RUNNING') ? 'running' : 'on the way';
}

const failureOf = ({ part, since }: Trouble, at: Date): RestartedFailure => ({
  part,
  failedSince: since,
  at: at.getTime(),
});

function heldBecause({ name, findings }: ConnectorLook): string | undefined {
  const unknown = unreachableOf(findings);
  if (unknown !== undefined)
    return `${name} is not restarted before its slot can be compared with its offset. ${unknown}`;
  const losing = losesEvents(foundOf(findings) ?? []);
  return (
    losing &&
    `${name} is not restarted, since that would lose events. ${losing.sentence} Run: npx outbox connectors heal ${name}`
  );
}

function giveUp(
  { name, trouble, held }: { name: string; trouble: Trouble; held: string | undefined },
  { policy, onGiveUp }: Healing,
  say: (event: HealingNews['event'], sentence: string) => void,
): void {
  const problem = trouble.problem ?? 'Connect gives no reason';
  const again = trouble.state === 'FAILED' ? 'FAILED again' : 'stands still again';
  say(
    'gave up',
    held === undefined
      ? `GAVE UP ${name} after ${policy.limit} restarts in a row: ${partOf(trouble)} ${again}: ${problem.replace(/\.$/, '')}. Mend the cause, then: npx outbox connectors restart ${name}`
      : `GAVE UP ${name}: ${partOf(trouble)} is ${trouble.state}. ${held}`,
  );
  // Not waited for: the others must go on being looked at while somebody is called.
  void onGiveUp?.({ connector: name, part: trouble.part, problem }).then((failure) => {
    if (failure !== undefined) say('command failed', failure);
  });
}

const partOf = ({ part }: Pick<Trouble, 'part'>): string => (part === 'connector' ? 'the connector' : part);
