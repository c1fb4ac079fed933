import type { ConnectClient } from '../../connect/connect-client.ts';
import { foundOf, unreachableOf, type ConnectorLook, type LookedPart } from './connector-look.ts';
import {
  isOldFailure,
  nextHealStep,
  notFailed,
  type HealPolicy,
  type HealState,
  type RestartedFailure,
  type Seen,
} from './heal-failed-tasks.ts';
import { losesEvents } from '../diagnose/loses-events.ts';

/** What healing did, or why it did not. `held`: restarting would lose events, or nobody can say whether it would. */
export interface HealingNews {
  readonly at: Date;
  readonly connector: string;
  readonly event: 'restarted' | 'held' | 'gave up' | 'command failed' | 'healthy again';
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

export interface Healing {
  readonly policy: HealPolicy;
  /** Called once for each connector that is given up; the sentence says what went wrong with the call. */
  readonly onGiveUp: ((givenUp: GivenUp) => Promise<string | undefined>) | undefined;
  /** By connector; filled by `healOnce`. */
  readonly states: Map<string, HealState>;
  /** Why each of them was held last: said again only when it is another reason. */
  readonly held: Map<string, string>;
  /** What each of them was restarted for last. */
  readonly restarted: Map<string, RestartedFailure>;
}

export function startHealing(policy: HealPolicy, onGiveUp: Healing['onGiveUp']): Healing {
  return { policy, onGiveUp, states: new Map(), held: new Map(), restarted: new Map() };
}

/**
 * Restarts what the look saw FAILED, if it is its turn and slot and stored offset fit. A restart that Connect refuses or does not
 * answer counts as one, and so does one that is held back: a connector that stays FAILED is given up in the end, whatever the reason.
 */
export async function healOnce(
  connect: ConnectClient,
  look: ConnectorLook,
  healing: Healing,
  tell: (news: HealingNews) => void,
): Promise<void> {
  const { name, at } = look;
  const say = (event: HealingNews['event'], sentence: string): void =>
    tell({ at, connector: name, event, sentence });
  const failed = look.parts.find(({ state }) => state === 'FAILED');
  const held = failed && heldBecause(look);
  const before = stateBefore(name, held, healing);
  const seen = seenIn(look, failed, healing.restarted.get(name));
  const { state, step } = nextHealStep(before, seen, at.getTime(), healing.policy);
  healing.states.set(name, state);
  if (seen === 'running') healing.held.delete(name);
  if (before.restarts > 0 && state.restarts === 0) say('healthy again', `${name} runs again and stays so.`);
  if (failed === undefined) return;
  if (step === 'give up') giveUp({ name, failed, held }, healing, say);
  if (step !== 'restart') return;
  if (held !== undefined) {
    if (healing.held.get(name) !== held) say('held', held);
    healing.held.set(name, held);
    return;
  }
  healing.held.delete(name);
  const { limit } = healing.policy;
  say('restarted', `${name}: ${partOf(failed)} had FAILED; restart ${state.restarts} of ${limit}.`);
  healing.restarted.delete(name);
  await connect.restartFailed(name);
  healing.restarted.set(name, failureOf(failed, at));
}

/** What was only held back is a new row as soon as nothing holds it any more, even where it had been given up. */
function stateBefore(name: string, held: string | undefined, { states, held: reasons }: Healing): HealState {
  const state = states.get(name) ?? notFailed;
  return state.gaveUp && held === undefined && reasons.delete(name) ? notFailed : state;
}

function seenIn(
  look: ConnectorLook,
  failed: LookedPart | undefined,
  restarted: RestartedFailure | undefined,
): Seen {
  if (failed !== undefined) {
    const isOld = isOldFailure(restarted, failureOf(failed, look.at), look.at.getTime());
    return isOld ? 'on the way' : 'failed';
  }
  return look.parts.every(({ state }) => state === 'RUNNING') ? 'running' : 'on the way';
}

const failureOf = ({ part, history }: LookedPart, at: Date): RestartedFailure => ({
  part,
  failedSince: history?.since.getTime(),
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
  { name, failed, held }: { name: string; failed: LookedPart; held: string | undefined },
  { policy, onGiveUp }: Healing,
  say: (event: HealingNews['event'], sentence: string) => void,
): void {
  const problem = failed.problem ?? 'Connect gives no reason';
  say(
    'gave up',
    held === undefined
      ? `GAVE UP ${name} after ${policy.limit} restarts in a row: ${partOf(failed)} FAILED again: ${problem.replace(/\.$/, '')}. Mend the cause, then: npx outbox connectors restart ${name}`
      : `GAVE UP ${name}: ${partOf(failed)} is FAILED. ${held}`,
  );
  // Not waited for: the others must go on being looked at while somebody is called.
  void onGiveUp?.({ connector: name, part: failed.part, problem }).then((failure) => {
    if (failure !== undefined) say('command failed', failure);
  });
}

const partOf = ({ part }: LookedPart): string => (part === 'connector' ? 'the connector' : part);
