import type { OperatedService } from '../../operate/operated-pipeline.ts';
import { listParked, type ParkedKey } from '../../operate/parked/list-parked.ts';
import type { HeldKey } from '../dashboard-state.ts';
import { keepCollecting, type Collector } from './keep-collecting.ts';

const EVERY_MS = 2_000;
const WITHIN_MS = 4_000;
/** A page of thousands helps nobody; those held for longest come first. */
const MOST_KEYS = 200;

/** The keys that the consumers of all databases hold back. */
export function collectHeld(
  services: readonly OperatedService[],
  on: {
    readonly keys: (keys: readonly HeldKey[]) => void;
    readonly problem: (problem: string | null) => void;
  },
): Collector[] {
  const keys = new Map<string, HeldKey[]>();
  const problems = new Map<string, string>();
  return services.map(({ name, database, pool }) =>
    keepCollecting({
      everyMs: EVERY_MS,
      withinMs: WITHIN_MS,
      collect: async () => {
        keys.set(name, (await listParked(pool, {})).slice(0, MOST_KEYS).map(heldKey));
        const all = [...keys.values()].flat().sort((a, b) => a.since - b.since);
        on.keys(all.slice(0, MOST_KEYS));
      },
      onProblem: (problem) => {
        if (problem === null) problems.delete(name);
        else problems.set(name, `Database ${database} can't be asked: ${problem}`);
        on.problem([...problems.values()].join(' ') || null);
      },
    }),
  );
}

const heldKey = (held: ParkedKey): HeldKey => ({
  consumer: held.consumer,
  topic: held.topic,
  key: held.key,
  state: held.state,
  reason: held.reason.split('\n', 1)[0] ?? '',
  attempts: held.attempts,
  since: held.since.getTime(),
  events: held.events,
  firstEventId: held.firstEventId,
  firstType: held.firstType,
  expectedSeq: held.expectedSeq,
});
