import { readReplicationSlot, type ReplicationSlot } from '../../connect/replication-slot.ts';
import type { OperatedConnector, OperatedService } from '../../operate/operated-pipeline.ts';
import {
  recentSamples,
  secondsUntilFull,
  walGrowth,
  type WalSample,
} from '../../operate/watch/wal-growth.ts';
import type { Health, SlotState } from '../dashboard-state.ts';
import { keepCollecting, type Collector } from './keep-collecting.ts';

const EVERY_MS = 2_000;
const WITHIN_MS = 4_000;
const RATE_OVER_MS = 60_000;
const SOON_FULL_MS = 30 * 60_000;

/** Looks at each connector's slot by itself: what Postgres says of it does not depend on Connect. */
export function collectSlots(
  connectors: readonly OperatedConnector[],
  on: {
    readonly slots: (slots: readonly SlotState[]) => void;
    readonly problem: (problem: string | null) => void;
    /** Whether the service's database answers. */
    readonly asked: (service: string, problem: string | null) => void;
  },
): Collector[] {
  const states = new Map<string, SlotState>();
  const problems = new Map<string, string>();
  return connectors.flatMap(({ file, service }) => {
    const slotName = file.config['slot.name'];
    if (service === undefined || slotName === undefined) return [];
    let samples: WalSample[] = [];
    return keepCollecting({
      everyMs: EVERY_MS,
      withinMs: WITHIN_MS,
      collect: async () => {
        const slot = await readReplicationSlot(service.pool, slotName);
        const held = slot === undefined ? [] : [{ at: Date.now(), bytesHeld: slot.bytesHeld }];
        samples = slot === undefined ? [] : recentSamples([...samples, ...held], RATE_OVER_MS);
        states.set(file.name, slotState(slot, { slotName, connector: file.name, service, samples }));
        on.slots([...states.values()].sort((a, b) => (a.name < b.name ? 1 : -1)));
      },
      onProblem: (problem) => {
        on.asked(service.name, problem);
        if (problem === null) problems.delete(file.name);
        else problems.set(file.name, `Database ${service.database} can't be asked: ${problem}`);
        on.problem([...problems.values()].join(' ') || null);
      },
    });
  });
}

interface SlotPlace {
  readonly slotName: string;
  readonly connector: string;
  readonly service: Pick<OperatedService, 'database'>;
  readonly samples: readonly WalSample[];
}

/** What the page shows of a slot; `walStatus` is `missing` for one that is not there. */
export function slotState(
  slot: ReplicationSlot | undefined,
  { slotName, connector, service, samples }: SlotPlace,
): SlotState {
  const rate = walGrowth(samples);
  const seconds = slot === undefined ? undefined : secondsUntilFull(slot, rate);
  const state: Omit<SlotState, 'health'> = {
    name: slotName,
    database: service.database,
    connector,
    active: slot?.active ?? false,
    walStatus: slot?.walStatus ?? 'missing',
    bytesHeld: slot?.bytesHeld ?? 0,
    bytesLeft: slot?.bytesLeft ?? null,
    bytesPerSecond: rate ?? null,
    msUntilFull: seconds === undefined ? null : Math.round(seconds * 1_000),
  };
  return { ...state, health: healthOf(state) };
}

/** That nobody reads it is the connector's trouble, until the log that is held for it becomes one. */
function healthOf({
  active,
  walStatus,
  bytesHeld,
  bytesLeft,
  msUntilFull,
}: Omit<SlotState, 'health'>): Health {
  if (walStatus === 'lost' || walStatus === 'missing') return 'broken';
  if (!active || walStatus === 'unreserved') return 'slow';
  const halfFull = bytesLeft !== null && bytesHeld > bytesLeft;
  return halfFull && msUntilFull !== null && msUntilFull < SOON_FULL_MS ? 'slow' : 'good';
}
