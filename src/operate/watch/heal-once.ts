import type { ConnectClient } from '../../connect/connect-client.ts';
import { foundOf, unreachableOf, type ConnectorLook, type LookedPart } from './connector-look.ts';
import { nextHealStep, notFailed, type HealPolicy, type HealState, type Seen } from './heal-failed-tasks.ts';
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
}

export function startHealing(policy: HealPolicy, onGiveUp: Healing['onGiveUp']): Healing {
  return { policy, onGiveUp, states: new Map(), held: new Map() };
}

/**
 * Restarts what the look saw FAILED, if it is its turn and slot and stored offset fit. A restart that Connect refuses or does not
 * answer counts as one: it is tried again as any other.
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
  const before = healing.states.get(name) ?? notFailed;
  const failed = look.parts.find(({ state }) => state === 'FAILED');
  const { state, step } = nextHealStep(before, seenIn(look, failed), at.getTime(), healing.policy);
  const held = step === 'restart' ? heldBecause(look) : undefined;
  if (held !== undefined) {
    if (healing.held.get(name) !== held) say('held', held);
    healing.held.set(name, held);
    return;
  }
  healing.states.set(name, state);
  if (failed === undefined || step !== 'nothing') healing.held.delete(name);
  if (before.restarts > 0 && state.restarts === 0) say('healthy again', `${name} runs again and stays so.`);
  if (step === 'restart') {
    const { limit } = healing.policy;
    say('restarted', `${name}: ${partOf(failed)} had FAILED; restart ${state.restarts} of ${limit}.`);
    await connect.restartFailed(name);
  }
  if (step === 'give up') giveUp(look, failed, healing, say);
}

function seenIn(look: ConnectorLook, failed: LookedPart | undefined): Seen {
  if (failed !== undefined) return 'failed';
  return look.parts.every(({ state }) => state === 'RUNNING') ? 'running' : 'on the way';
}

function heldBecause({ name, findings }: ConnectorLook): string | undefined {
  const unknown = unreachableOf(findings);
  if (unknown !== undefined)
    return `${name} is not restarted before its slot can be compared with its offset. ${unknown}`;
  const losing = losesEvents(foundOf(findings) ?? []);
  return (
    losing &&
    `${name} is not restarted, since that would lose events. ${losing.sentence} Run: outbox connectors heal ${name}`
  );
}

function giveUp(
  { name }: ConnectorLook,
  failed: LookedPart | undefined,
  { policy, onGiveUp }: Healing,
  say: (event: HealingNews['event'], sentence: string) => void,
): void {
  const problem = failed?.problem ?? 'Connect gives no reason';
  say(
    'gave up',
    `GAVE UP ${name} after ${policy.limit} restarts in a row: ${partOf(failed)} FAILED again: ${problem.replace(/\.$/, '')}. Mend the cause, then: outbox connectors restart ${name}`,
  );
  // Not waited for: the others must go on being looked at while somebody is called.
  void onGiveUp?.({ connector: name, part: failed?.part ?? 'connector', problem }).then((failure) => {
    if (failure !== undefined) say('command failed', failure);
  });
}

const partOf = (failed: LookedPart | undefined): string =>
  failed === undefined || failed.part === 'connector' ? 'the connector' : failed.part;
