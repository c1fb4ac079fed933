import { setTimeout as delay } from 'node:timers/promises';
import type { ConnectorConfig } from '../../connect/connector-file.ts';
import { isRunning, statusRows, type ConnectorStatus } from '../../connect/connector-status.ts';
import { heartbeatTopic } from '../../connect/heartbeat-topic.ts';
import { readReplicationSlot, type ReplicationSlot } from '../../connect/replication-slot.ts';
import { describeError } from '../../platform/errors.ts';
import { connectorHealth } from './connector-health.ts';
import { foundOf, lookInDatabase, type ConnectorLook, type Looked } from './connector-look.ts';
import { readConnectorRecords, type ConnectorRecords } from './connector-records.ts';
import { examineConnector } from '../diagnose/diagnose-connector.ts';
import type { OperatedConnector, OperatedPipeline } from '../operated-pipeline.ts';
import { rememberServer } from '../diagnose/remember-server.ts';
import { sendProbe, type ProbeResult } from '../probe/send-probe.ts';
import { walGrowth, type WalSample } from './wal-growth.ts';

/** A database that takes longer is shown as one that can't be asked; a diagnosis looks again for three seconds. */
const DATABASE_WITHIN_MS = 8_000;
/** Between the two samples of the log that make its rate. */
const SAMPLE_APART_MS = 1_000;

/** What is known before a look at one connector. */
export interface BeforeLook {
  readonly records: ConnectorRecords;
  readonly probe: Looked<ProbeResult>;
  /** Earlier samples of its slot, the oldest first. */
  readonly samples: readonly WalSample[];
}

/** @throws PipelineError `connect_unreachable`, `connect_refused`; everything else that can't be reached is in the look */
export async function lookAtConnector(
  { connect }: OperatedPipeline,
  connector: OperatedConnector,
  before: BeforeLook,
): Promise<ConnectorLook> {
  const { name } = connector.file;
  const status = await connect.status(name);
  const config = (await connect.config(name)) ?? connector.file.config;
  const [slot, examined] = await Promise.all([
    lookAtSlot(connector, config),
    connector.service &&
      lookInDatabase(examineConnector(connector, connect), connector.service.database, DATABASE_WITHIN_MS),
  ]);
  const at = new Date();
  const found = foundOf(slot);
  const samples = [...before.samples, ...(found ? [{ at: at.getTime(), bytesHeld: found.bytesHeld }] : [])];
  return {
    name,
    at,
    parts: statusRows(name, status).map((row) => ({
      ...row,
      history: historyOf(before.records, name, row.part, row.state),
    })),
    slotName: config['slot.name'] ?? '',
    slot,
    walBytesPerSecond: walGrowth(samples),
    heartbeatAt: before.records.heartbeatAt(heartbeatTopic(config)),
    heartbeatEveryMs: Number(config['heartbeat.interval.ms'] ?? 0),
    probe: before.probe,
    findings: examined && 'found' in examined ? { found: examined.found.findings } : examined,
    seen: foundOf(examined)?.facts.postgres,
  };
}

/** One look at each of them, with a probe event through those that run unless `probeTimeoutMs` is undefined. */
export async function lookOnce(
  pipeline: OperatedPipeline,
  connectors: readonly OperatedConnector[],
  options: { statusTopic: string; probeTimeoutMs: number | undefined },
): Promise<ConnectorLook[]> {
  const { connect, kafka } = pipeline;
  // Asked first: without Connect nothing else is worth the wait.
  const statuses = await Promise.all(connectors.map(({ file }) => connect.status(file.name)));
  const heartbeatTopics = connectors.map(({ file }) => heartbeatTopic(file.config));
  const [records, probes, samples] = await Promise.all([
    readConnectorRecords({ kafka, statusTopic: options.statusTopic, heartbeatTopics }, new Date()),
    Promise.all(connectors.map((connector, index) => probe(pipeline, connector, statuses[index], options))),
    Promise.all(connectors.map((connector) => firstSample(connector))),
    delay(SAMPLE_APART_MS),
  ]);
  return Promise.all(
    connectors.map(async (connector, index) => {
      const look = await lookAtConnector(pipeline, connector, {
        records,
        probe: probes[index],
        samples: samples[index] ?? [],
      });
      await rememberIfHealthy(connector, look);
      return look;
    }),
  );
}

/** Notes where a healthy connector was seen: later diagnoses compare with it. A note that can't be made is none. */
export async function rememberIfHealthy(connector: OperatedConnector, look: ConnectorLook): Promise<void> {
  if (look.seen === undefined || !connectorHealth(look).healthy) return;
  await rememberServer(connector, look.seen).catch(() => undefined);
}

async function lookAtSlot(
  { service }: OperatedConnector,
  config: ConnectorConfig,
): Promise<Looked<ReplicationSlot | undefined>> {
  const name = config['slot.name'];
  if (service === undefined || name === undefined) return undefined;
  return lookInDatabase(readReplicationSlot(service.pool, name), service.database, DATABASE_WITHIN_MS);
}

async function firstSample(connector: OperatedConnector): Promise<WalSample[]> {
  const slot = foundOf(await lookAtSlot(connector, connector.file.config));
  return slot === undefined ? [] : [{ at: Date.now(), bytesHeld: slot.bytesHeld }];
}

async function probe(
  pipeline: OperatedPipeline,
  connector: OperatedConnector,
  status: ConnectorStatus | undefined,
  { probeTimeoutMs: timeoutMs }: { probeTimeoutMs: number | undefined },
): Promise<Looked<ProbeResult>> {
  if (timeoutMs === undefined || connector.service === undefined) return undefined;
  if (status === undefined || !isRunning(status)) return undefined;
  try {
    return { found: await sendProbe(pipeline, connector, { timeoutMs }) };
  } catch (error) {
    return { unreachable: describeError(error) };
  }
}

/** The topic may lag behind REST by a moment, or belong to another cluster: a history of another state is none. */
function historyOf(records: ConnectorRecords, name: string, part: string, state: string) {
  const history = records.history(name, part);
  return history?.state === state ? history : undefined;
}
