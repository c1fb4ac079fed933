import { once } from 'node:events';
import { setTimeout as delay } from 'node:timers/promises';
import { heartbeatTopic } from '../../connect/heartbeat-topic.ts';
import { describeError, PipelineError } from '../../platform/errors.ts';
import { foundOf, type ConnectorLook } from './connector-look.ts';
import { followConnectorRecords } from './connector-records.ts';
import { healOnce, type Healing, type HealingHands, type HealingNews } from './heal-once.ts';
import { slotName } from '../diagnose/connector-facts.ts';
import { endSlotReader } from '../heal/end-slot-reader.ts';
import { lookAtConnector, rememberIfHealthy } from './look-at-connectors.ts';
import type { OperatedConnector, OperatedPipeline } from '../operated-pipeline.ts';
import { tellWaiting } from '../parked/tell-waiting.ts';
import { recentSamples, type WalSample } from './wal-growth.ts';
import { watchProbes } from './watch-probes.ts';

/** What one look at all of them found, or why Connect gave no answer. */
export type WatchPicture =
  | { readonly at: Date; readonly looks: readonly ConnectorLook[]; readonly waiting: readonly string[] }
  | { readonly at: Date; readonly unreachable: string };

export interface WatchOptions {
  readonly everyMs: number;
  readonly statusTopic: string;
  /** Undefined: no probe is sent. */
  readonly probe: { readonly everyMs: number; readonly timeoutMs: number } | undefined;
  /** Undefined: failed tasks are shown, nothing more. */
  readonly healing: Healing | undefined;
  readonly signal: AbortSignal;
  readonly show: (picture: WatchPicture) => void;
  readonly tell: (news: HealingNews) => void;
}

/** The rate of the log is taken over so long: several heartbeats. */
const RATE_OVER_MS = 60_000;
const REMEMBER_EVERY_MS = 30_000;

/** Looks at these connectors again and again until the signal. Connect being away is shown, not an end. */
export async function watchConnectors(
  pipeline: OperatedPipeline,
  connectors: readonly OperatedConnector[],
  options: WatchOptions,
): Promise<void> {
  const running = new Set<string>();
  const samples = new Map<string, WalSample[]>();
  const rememberedAt = new Map<string, number>();
  const heartbeatTopics = connectors.map(({ file }) => heartbeatTopic(file.config));
  const { kafka } = pipeline;
  const records = followConnectorRecords(
    { kafka, statusTopic: options.statusTopic, heartbeatTopics },
    new Date(),
  );
  const probing =
    options.probe &&
    watchProbes(pipeline, connectors, { ...options.probe, runs: (name) => running.has(name) });
  const look = async (connector: OperatedConnector): Promise<ConnectorLook> => {
    const { name } = connector.file;
    const found = await lookAtConnector(pipeline, connector, {
      records,
      probe: probing?.latest(name),
      samples: samples.get(name) ?? [],
    });
    samples.set(name, withSample(samples.get(name) ?? [], found));
    if (found.at.getTime() >= (rememberedAt.get(name) ?? 0) + REMEMBER_EVERY_MS) {
      rememberedAt.set(name, found.at.getTime());
      await rememberIfHealthy(connector, found);
    }
    if (found.parts.every(({ state }) => state === 'RUNNING')) running.add(name);
    else running.delete(name);
    return found;
  };
  try {
    const aborted = once(options.signal, 'abort');
    while (!options.signal.aborted) {
      // A look at something that does not answer must not hold up the end.
      await Promise.race([lookAtAll(pipeline, connectors, look, options), aborted]);
      await delay(options.everyMs, undefined, { signal: options.signal }).catch(() => undefined);
    }
  } finally {
    await Promise.all([records.stop(), probing?.stop()]);
  }
}

async function lookAtAll(
  { connect, services }: OperatedPipeline,
  connectors: readonly OperatedConnector[],
  look: (connector: OperatedConnector) => Promise<ConnectorLook>,
  { healing, show, tell }: WatchOptions,
): Promise<void> {
  try {
    const [looks, waiting] = await Promise.all([Promise.all(connectors.map(look)), tellWaiting(services)]);
    show({ at: new Date(), looks, waiting });
    if (healing !== undefined)
      await Promise.all(looks.map((found) => healOnce(handsOn(connect, connectors), found, healing, tell)));
  } catch (error) {
    if (!(error instanceof PipelineError)) throw error;
    show({ at: new Date(), unreachable: describeError(error) });
  }
}

/** A server that does not end a session within this is looked at again, not waited for. */
const READER_ENDS_WITHIN_MS = 5_000;

const handsOn = (
  connect: OperatedPipeline['connect'],
  connectors: readonly OperatedConnector[],
): HealingHands => ({
  connect,
  endReader: async (name, pid) => {
    const connector = connectors.find(({ file }) => file.name === name);
    if (connector?.service === undefined) return undefined;
    const slot = slotName(connector.file.config);
    return endSlotReader(connector.service.pool, slot, { pid, timeoutMs: READER_ENDS_WITHIN_MS });
  },
});

function withSample(before: readonly WalSample[], look: ConnectorLook): WalSample[] {
  const slot = foundOf(look.slot);
  if (slot === undefined) return [];
  return recentSamples([...before, { at: look.at.getTime(), bytesHeld: slot.bytesHeld }], RATE_OVER_MS);
}
