import type { Clock } from '../platform/clock.ts';
import type { CheckResult } from '../platform/http/health-routes.ts';
import type { Queryable } from '../platform/postgres/statement.ts';
import type { ConsumerScope } from './held-keys.ts';
import { readHeld } from './held-report.ts';
import type { HeldReport } from './held-report.ts';

/** A missing event is said again by the audit within minutes; what is missing for longer may be lost. */
const WAITING_IS_LONG_MS = 5 * 60_000;

/** For /healthz/pipeline: what the consumer holds back, over all instances, and for how long. Keys may be customers: they are not named. */
export function heldKeysCheck(db: Queryable, scope: ConsumerScope, clock: Clock): () => Promise<CheckResult> {
  return async () => judgeHeld(await readHeld(db, scope), clock());
}

/** Never red: all other keys flow. A parked key is a warning at once, since it waits for a person; one that waits for an event, after 5 minutes. */
export function judgeHeld({ parked, waiting }: HeldReport, now: Date): CheckResult {
  const [parkedMs, waitingMs] = [parked, waiting].map(({ since }) =>
    since === null ? 0 : Math.max(0, now.getTime() - since.getTime()),
  ) as [number, number];
  const parts = [
    ...(parked.keys > 0 ? [`${count(parked.keys, 'key')} parked, the oldest for ${age(parkedMs)}`] : []),
    ...(waiting.keys > 0
      ? [`${count(waiting.keys, 'key')} waiting for a missing event, the oldest for ${age(waitingMs)}`]
      : []),
  ];
  if (parts.length === 0) return { ok: true, detail: 'holds no key' };
  const isWarning = parked.keys > 0 || waitingMs > WAITING_IS_LONG_MS;
  return {
    ok: true,
    ...(isWarning && { warning: true }),
    detail: `${parts.join('; ')} (npx outbox parked list)`,
  };
}

const count = (number: number, thing: string): string => `${number} ${thing}${number === 1 ? '' : 's'}`;

function age(ms: number): string {
  const seconds = Math.floor(ms / 1_000);
  if (seconds < 120) return `${seconds} s`;
  const minutes = Math.floor(seconds / 60);
  return minutes < 120 ? `${minutes} min` : `${Math.floor(minutes / 60)} h`;
}
