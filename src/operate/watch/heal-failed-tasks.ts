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
