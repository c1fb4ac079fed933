import { offsetsOf, storedLsn } from '../../connect/connect-client.ts';
import type { ConnectorConfig } from '../../connect/connector-file.ts';
import { failureOf } from '../../connect/connector-status.ts';
import { readReplicationSlot } from '../../connect/replication-slot.ts';
import { waitUntilRunning } from '../../connect/wait-until-running.ts';
import { describeError, PipelineError } from '../../platform/errors.ts';
import { waitUntil } from '../../platform/wait-until.ts';
import {
  HEAL,
  outboxTable,
  publicationName,
  slotName,
  type ConnectorFacts,
} from '../diagnose/connector-facts.ts';
import { offsetTime } from '../diagnose/offset-findings.ts';
import { examineConnector, type Examination } from '../diagnose/diagnose-connector.ts';
import { dropSlotForGood } from './drop-slot-for-good.ts';
import { endSlotReader, tryEndSlotReader } from './end-slot-reader.ts';
import type { Finding } from '../diagnose/finding.ts';
import { makePublication, tryPublication, type PublicationOrder } from './make-publication.ts';
import type { OperatedConnector, OperatedPipeline, OperatedService } from '../operated-pipeline.ts';
import { describeStep, planHeal, type HealStep } from './plan-heal.ts';
import { isSlotRead } from '../diagnose/is-slot-read.ts';
import { rememberServer, rememberServerNow } from '../diagnose/remember-server.ts';
import { lostRows, readRetainedRows, type LastRead } from './retained-rows.ts';
import { saveConnector } from '../change/save-connector.ts';
import { openProber } from '../probe/send-probe.ts';
import { stopConnector } from '../change/stop-connector.ts';

export interface HealOptions {
  /** Only say what would be done. */
  readonly dryRun: boolean;
  /** A stranger that reads the slot may be ended. */
  readonly endReader: boolean;
  /** Milliseconds for events to come through again. */
  readonly timeoutMs: number;
  /** Told what is found and done, as it happens. */
  readonly onNews: (news: HealNews) => void;
}

export type HealNews =
  | { readonly kind: 'found'; readonly finding: Finding }
  | { readonly kind: 'doing' | 'would do'; readonly step: HealStep; readonly sentence: string }
  | { readonly kind: 'refused' | 'lost' | 'failed' | 'healthy'; readonly sentence: string };

export interface HealReport {
  readonly connector: string;
  /** Nothing is wrong (any more), and a probe came through. */
  readonly healthy: boolean;
  readonly news: readonly HealNews[];
}

/** Milliseconds for Connect to end a task and for Postgres to let go of its slot. */
const END_WITHIN_MS = 60_000;
/** So long a probe may take before the connector is looked at and another one is sent. */
const PROBE_WITHIN_MS = 10_000;

interface Healing {
  readonly pipeline: OperatedPipeline;
  readonly connector: OperatedConnector;
  readonly options: HealOptions;
  readonly tell: (news: HealNews) => void;
}

/**
 * Finds out what is wrong with a connector and mends it without losing an event: what may have been passed over is said again from
 * the retained rows of the outbox, and consumers drop what they know. What can't be mended like this is said, and nothing is touched.
 * Dying anywhere in it is mended by calling it again (see `mend`).
 * @throws PipelineError for what can't be reached; what Postgres says when it can't be
 */
export async function healConnector(
  pipeline: OperatedPipeline,
  connector: OperatedConnector,
  options: HealOptions,
): Promise<HealReport> {
  const news: HealNews[] = [];
  const tell = (one: HealNews): void => {
    news.push(one);
    options.onNews(one);
  };
  const healing: Healing = { pipeline, connector, options, tell };
  const isMended = await mendWhatIsFound(healing);
  const healthy = isMended && !news.some(({ kind }) => ['lost', 'failed'].includes(kind));
  return { connector: connector.file.name, healthy, news };
}

/** False when something is left that this can't mend, or that a dry run would mend. */
async function mendWhatIsFound(healing: Healing): Promise<boolean> {
  const { pipeline, connector, options, tell } = healing;
  // Ending a stranger may bring out that it moved the slot: that takes a second round.
  for (let round = 1; round <= 3; round++) {
    const examination = await examineConnector(connector, pipeline.connect);
    for (const finding of examination.findings) tell({ kind: 'found', finding });
    const { steps, refusals } = planHeal(examination, permissions(connector.service, options));
    for (const sentence of refusals) tell({ kind: 'refused', sentence });
    if (refusals.length > 0) return false;
    if (options.dryRun) return foretell(healing, steps, examination);
    try {
      await mend(healing, steps, examination);
      if (!steps.includes('end_reader')) return await proveHealthy(healing, steps.length > 0);
    } catch (error) {
      if (!(error instanceof PipelineError) || error.code.endsWith('_unreachable')) throw error;
      tell({ kind: 'failed', sentence: describeError(error) });
      return false;
    }
  }
  tell({
    kind: 'failed',
    sentence: 'The reader of the slot comes back each time: stop it where it runs, then heal again.',
  });
  return false;
}

const permissions = (service: OperatedService | undefined, { endReader }: HealOptions) => ({
  endReader,
  owner: service?.ownerUrl !== undefined,
  ownerVariable: `${service?.name.toUpperCase() ?? ''}_OWNER_DATABASE_URL`,
});

async function foretell(
  { tell, connector }: Healing,
  steps: readonly HealStep[],
  examination: Examination,
): Promise<boolean> {
  await tellLost(connector.service, examination, steps, tell);
  for (const step of steps) tell({ kind: 'would do', step, sentence: describeStep(step, examination.facts) });
  if (steps.length === 0) tell({ kind: 'healthy', sentence: 'Nothing to do; a dry run sends no probe.' });
  return steps.length === 0;
}

/**
 * Does the steps one after the other. Dying between two of them leaves the connector STOPPED, and the next call sees:
 * - before the slot is dropped: what this call saw, and that a heal was begun (`save`);
 * - after it, the offset still stored: a missing slot, and the publication as it is then; the same steps again, fewer to do;
 * - after the offset is forgotten: neither slot nor offset, which is a connector that only has to be resumed.
 * The slot is dropped before the publication is made: a publication that is right again no longer tells that rows were passed over.
 */
async function mend(healing: Healing, steps: readonly HealStep[], examination: Examination): Promise<void> {
  const { pipeline, connector, tell } = healing;
  const order = publicationOrder(pipeline, connector, examination.facts);
  if (steps.includes('make_publication') && order !== undefined) await tryPublication(order);
  if (steps.includes('end_reader') && connector.service !== undefined)
    await tryEndSlotReader(connector.service.pool, slotName(examination.facts.config));
  await tellLost(connector.service, examination, steps, tell);
  for (const step of steps) {
    tell({ kind: 'doing', step, sentence: describeStep(step, examination.facts) });
    await doStep(healing, step, examination, order);
  }
}

async function doStep(
  { pipeline: { connect }, connector }: Healing,
  step: HealStep,
  { facts, findings }: Examination,
  order: PublicationOrder | undefined,
): Promise<void> {
  const { name } = connector.file;
  const db = connector.service?.pool;
  const slot = slotName(facts.config);
  const within = { timeoutMs: END_WITHIN_MS };
  switch (step) {
    case 'save':
      if (db !== undefined)
        await saveConnector(db, connect, name, HEAL + findings.map(({ code }) => code).join(', '));
      return;
    case 'stop':
      // A stranger that reads the slot is ended next.
      return stopConnector(connect, name, {
        ...within,
        ...(db === undefined || findings.some(({ code }) => code === 'slot_held')
          ? {}
          : { slot: { db, name: slot } }),
      });
    case 'end_reader':
      if (db !== undefined) await endSlotReader(db, slot, within);
      return;
    case 'drop_slot':
      return dropSlot(connector, facts.config);
    case 'make_publication':
      if (order !== undefined) await makePublication(order);
      return;
    case 'reset_offsets':
      // Connect refuses for some seconds after the task has gone from its status.
      await waitUntil(() => connect.resetOffsets(name), {
        ...within,
        everyMs: 500,
        what: `Connect to forget the offset of ${name}`,
      });
      return;
    case 'resume':
      if (offsetsOf(await connect.offsets(name), facts.config['topic.prefix']).length === 0)
        await beforeSnapshot(connector, facts.config);
      await connect.resume(name);
      await waitUntilRunning(connect, name, 'created', {});
      return;
    case 'restart':
      await connect.restartFailed(name);
      await waitUntilRunning(connect, name, 'restarted', { isReading: () => isSlotRead(connector) });
  }
}

/**
 * A task that was given up may have made the slot again meanwhile, beside which a snapshot would miss events. And without an offset
 * nothing of before can be meant: noted now, since the snapshot may outlast this call, and what the next diagnosis compares with must
 * not be the server of before.
 */
async function beforeSnapshot(connector: OperatedConnector, config: ConnectorConfig): Promise<void> {
  const db = connector.service?.pool;
  if (db !== undefined && (await readReplicationSlot(db, slotName(config))) !== undefined)
    await dropSlot(connector, config);
  await rememberServerNow(connector);
}

async function dropSlot({ service }: OperatedConnector, config: ConnectorConfig): Promise<void> {
  if (service === undefined) return;
  const quietMs = retryDelayMs(config) + 1_000;
  await dropSlotForGood(service.pool, slotName(config), { timeoutMs: END_WITHIN_MS, quietMs });
}

/** Debezium's pause between two tries to get its slot. */
const retryDelayMs = (config: ConnectorConfig): number => Number(config['slot.retry.delay.ms'] ?? 10_000);

function publicationOrder(
  { log }: OperatedPipeline,
  { service }: OperatedConnector,
  { config }: ConnectorFacts,
): PublicationOrder | undefined {
  const ownerUrl = service?.ownerUrl;
  return ownerUrl === undefined
    ? undefined
    : { ownerUrl, publication: publicationName(config), table: outboxTable(config), log };
}

/** What a re-snapshot can't bring back, said before it is done. */
async function tellLost(
  service: OperatedService | undefined,
  examination: Examination,
  steps: readonly HealStep[],
  tell: Healing['tell'],
): Promise<void> {
  if (service === undefined || !steps.includes('reset_offsets')) return;
  const sentence = lostRows(await readRetainedRows(service.pool), lastReadOf(examination));
  if (sentence !== undefined) tell({ kind: 'lost', sentence });
}

function lastReadOf({ facts, findings }: Examination): LastRead {
  const codes = new Set(findings.map(({ code }) => code));
  const readAt = offsetTime(facts.offsets);
  // The offset went on while rows were passed over, unless it stands even before that.
  if (codes.has('publication_missing') || codes.has('publication_wrong')) {
    const seenAt = facts.postgres?.remembered?.seenAt;
    const isBefore = readAt !== undefined && seenAt !== undefined && readAt < seenAt;
    return { at: isBefore ? readAt : seenAt, lsn: undefined };
  }
  const isElsewhere = codes.has('server_changed') || codes.has('timeline_changed');
  const lsn = storedLsn(facts.offsets, facts.config['topic.prefix']) ?? facts.postgres?.slot?.confirmedLsn;
  return { at: readAt, lsn: isElsewhere ? undefined : lsn };
}

/** Probes until one came through; after a re-snapshot that is when all retained rows have been said. Then looks once more. */
async function proveHealthy(healing: Healing, wasMended: boolean): Promise<boolean> {
  const { connector, tell } = healing;
  const { name } = connector.file;
  if (connector.service !== undefined) {
    const reason = await probeUntilThrough(healing);
    if (reason !== undefined) {
      tell({ kind: 'failed', sentence: reason });
      return false;
    }
    const { facts, findings } = await examineConnector(connector, healing.pipeline.connect);
    for (const finding of findings) tell({ kind: 'found', finding });
    if (findings.length > 0) return false;
    if (facts.postgres !== undefined) await rememberServer(connector, facts.postgres);
  }
  tell({ kind: 'healthy', sentence: wasMended ? `${name} is healthy again.` : `${name} is healthy.` });
  return true;
}

/** Why none came through, or undefined when one did. */
async function probeUntilThrough({ pipeline, connector, options }: Healing): Promise<string | undefined> {
  const { name } = connector.file;
  const deadline = Date.now() + options.timeoutMs;
  const prober = await openProber(pipeline);
  try {
    for (;;) {
      const left = deadline - Date.now();
      const result = await prober.send(connector, {
        timeoutMs: Math.max(1_000, Math.min(left, PROBE_WITHIN_MS)),
      });
      if (result.arrived) return undefined;
      const status = await pipeline.connect.status(name);
      const failure = status && failureOf(status);
      if (failure !== undefined)
        return `The ${failure.part} FAILED while events were awaited: ${failure.reason}`;
      // Not even written: asking again at once would say the same, very often.
      if (result.hops.commit === undefined) return result.reason;
      if (Date.now() >= deadline)
        return `No probe came through within ${options.timeoutMs / 1_000} s. ${result.reason ?? ''}`.trim();
    }
  } finally {
    await prober.close();
  }
}
