/** How patient healing is. */
export interface HealPolicy {
  /** Restarts in a row before it gives up. */
  readonly limit: number;
  /** Before the second restart; doubled each time, up to `maxWaitMs`. */
  readonly firstWaitMs: number;
  readonly maxWaitMs: number;
  /** Having run for so long ends a row: what fails after it is a new failure. */
  readonly healthyForMs: number;
}

export const healPolicy: HealPolicy = {
  limit: 5,
  firstWaitMs: 5_000,
  maxWaitMs: 5 * 60_000,
  healthyForMs: 60_000,
};

/** Of one connector. Times are in milliseconds since 1970. */
export interface HealState {
  /** Restarts in this row. */
  readonly restarts: number;
  /** No restart before. */
  readonly notBefore: number;
  readonly runningSince: number | undefined;
  readonly gaveUp: boolean;
}

export const notFailed: HealState = { restarts: 0, notBefore: 0, runningSince: undefined, gaveUp: false };

/** A failure after which something was restarted. Its time is the worker's, undefined where the status topic does not tell it. */
export interface RestartedFailure {
  readonly part: string;
  readonly failedSince: number | undefined;
  /** When it was restarted. */
  readonly at: number;
}

/** Connect goes on showing the old state until it has carried a restart out; after so long it has not, and that counts as a failure. */
const CARRIED_OUT_WITHIN_MS = 10_000;

/** Whether a part that is seen FAILED has not failed again since its restart, but is still shown as it was before. */
export function isOldFailure(
  restarted: RestartedFailure | undefined,
  seen: Omit<RestartedFailure, 'at'>,
  now: number,
): boolean {
  if (restarted === undefined || seen.part !== restarted.part) return false;
  const isNewer = seen.failedSince !== undefined && seen.failedSince !== restarted.failedSince;
  return !isNewer && now - restarted.at < CARRIED_OUT_WITHIN_MS;
}

/** What a look says of the connector and its tasks together. */
export type Seen = 'running' | 'failed' | 'on the way';

/** `restart`: if slot and offset allow it, the restart that this state counts. `give up`: said once in a row. */
export type HealStep = 'nothing' | 'restart' | 'give up';

/**
 * One look's worth of healing. A failed connector is restarted at once, then with pauses that double, since its cause may need time
 * to go; one that goes on failing is given up, so that somebody looks. Only running for a while makes it a fresh start.
 */
export function nextHealStep(
  state: HealState,
  seen: Seen,
  now: number,
  policy: HealPolicy,
): { readonly state: HealState; readonly step: HealStep } {
  if (seen === 'on the way') return { state: { ...state, runningSince: undefined }, step: 'nothing' };
  if (seen === 'running') {
    const runningSince = state.runningSince ?? now;
    const lasting = now - runningSince >= policy.healthyForMs;
    return { state: { ...(lasting ? notFailed : state), runningSince }, step: 'nothing' };
  }
  const failed = { ...state, runningSince: undefined };
  if (state.gaveUp || now < state.notBefore) return { state: failed, step: 'nothing' };
  if (state.restarts >= policy.limit) return { state: { ...failed, gaveUp: true }, step: 'give up' };
  const waitMs = Math.min(policy.firstWaitMs * 2 ** state.restarts, policy.maxWaitMs);
  return {
    state: { ...failed, restarts: state.restarts + 1, notBefore: now + waitMs },
    step: 'restart',
  };
}
