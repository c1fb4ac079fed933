import { failureOf, type ConnectorStatus } from '../../connect/connector-status.ts';
import { heartbeatTopic } from '../../connect/heartbeat-topic.ts';
import { readReplicationSlot, type ReplicationSlot } from '../../connect/replication-slot.ts';
import { describeError } from '../../platform/errors.ts';
import { readTopicToEnd } from '../../platform/kafka/follow-topics.ts';
import type { Kafka } from '../../platform/kafka/kafka-client.ts';
import { listTopics } from '../../platform/kafka/list-topics.ts';
import type { Pool } from '../../platform/postgres/pool.ts';
import { diagnoseConnector, type Finding } from '../diagnose/diagnose-connector.ts';
import type { OperatedConnector, OperatedPipeline, OperatedService } from '../operated-pipeline.ts';
import type { Hop } from './probe-result.ts';
import { readProbeLsn, type WrittenProbe } from './write-probe.ts';

export interface StuckProbe {
  /** The hop that it did not get through. */
  readonly slowHop: Hop;
  /** One sentence what is so, one what to do. */
  readonly reason: string;
}

/** What was seen along the way of a probe that did not arrive. */
export interface StuckFacts {
  readonly connector: string;
  readonly slotName: string;
  readonly topic: string;
  /** Where its row is in the log; undefined when there is no such row. */
  readonly rowLsn: bigint | undefined;
  readonly slot: ReplicationSlot | undefined;
  /** How far the server has sent the log to the slot's reader. */
  readonly sentLsn: bigint | undefined;
  readonly findings: readonly Finding[];
  /** Undefined when Connect does not know the connector; text when Connect can't be asked. */
  readonly status: ConnectorStatus | string | undefined;
  /** Topics that this connector writes to and that do not exist. */
  readonly missingTopics: readonly string[];
  /** The record is in Kafka. */
  readonly isInTopic: boolean;
}

/** Looks at each station of the probe's way; changes nothing. What can't be looked at is taken as good. */
export async function findStuckProbe(
  pipeline: OperatedPipeline,
  connector: OperatedConnector,
  service: OperatedService,
  probe: WrittenProbe,
): Promise<StuckProbe> {
  const { file } = connector;
  const slotName = file.config['slot.name'] ?? '';
  const topic = pipeline.topicPrefix + pipeline.probe.topic;
  const slot = await readReplicationSlot(service.pool, slotName);
  const [rowLsn, sentLsn, findings, status, missingTopics, isInTopic] = await Promise.all([
    readProbeLsn(service.pool, probe.eventId),
    readSentLsn(service.pool, slotName),
    diagnoseConnector(connector, pipeline.connect).catch(() => []),
    pipeline.connect.status(file.name).catch(describeError),
    findMissingTopics(pipeline, connector, service, slot).catch(() => []),
    isRecordThere(pipeline.kafka, topic, probe).catch(() => false),
  ]);
  return whereStuck({
    ...{ connector: file.name, slotName, topic, rowLsn, slot, sentLsn },
    ...{ findings, status, missingTopics, isInTopic },
  });
}

/** The first station, against the stream, that explains it: what is broken later can't be seen from before. */
export function whereStuck(facts: StuckFacts): StuckProbe {
  const { connector, topic, findings, missingTopics } = facts;
  if (facts.isInTopic)
    return {
      slowHop: 'arrival',
      reason: `The probe is in topic ${topic}, but was not read in time. Look at the load of the brokers and of this machine.`,
    };
  const [finding] = findings;
  if (finding !== undefined) return { slowHop: 'wal', reason: findingReason(connector, finding) };
  const beforeTheReader = readerProblem(facts);
  if (beforeTheReader !== undefined) return { slowHop: 'wal', reason: beforeTheReader };
  if (missingTopics.length > 0)
    return {
      slowHop: 'kafka',
      reason: `${connector} waits for a topic that does not exist: ${missingTopics.join(', ')}. Run: npx outbox topics apply`,
    };
  return inTheReader(facts);
}

function findingReason(connector: string, { sentence: what, mend }: Finding): string {
  // What only a person can mend is in the sentence.
  if (mend === 'none') return sentence(what);
  return `${sentence(what)} Run: npx outbox connectors ${mend === 'restart' ? 'restart' : 'heal'} ${connector}`;
}

/** Why nobody reads the log, or undefined when somebody does. */
function readerProblem({ connector, slotName, slot, status }: StuckFacts): string | undefined {
  if (slot?.active === true) {
    const { application = '', role = '', client = '' } = slot.reader ?? {};
    if (application === 'Debezium Streaming') return undefined;
    return `Slot ${slotName} is held by "${application}" (role ${role}, from ${client}), which is not Debezium. End it, or run: npx outbox connectors heal ${connector}`;
  }
  const what = slot === undefined ? `Slot ${slotName} does not exist` : `Nobody reads slot ${slotName}`;
  if (typeof status === 'string') return `${what}, and ${sentence(status)}`;
  if (status === undefined)
    return `${what}, since Connect has no connector ${connector}. Run: npx outbox connectors apply ${connector}`;
  const failure = failureOf(status);
  if (failure !== undefined)
    return `${what}: ${failure.part} FAILED: ${sentence(failure.reason)} Run: npx outbox connectors restart ${connector}`;
  const { state } = status.connector;
  if (state === 'STOPPED' || state === 'PAUSED')
    return `${what}: the connector is ${state}. Run: npx outbox connectors resume ${connector}`;
  return `${what}, although Connect says ${state}. Run: npx outbox connectors restart ${connector}; if it stays so: heal ${connector}`;
}

/** Debezium is connected: either the server has not come so far, or Debezium has the row, or it was never given it. */
function inTheReader({ connector, topic, rowLsn, slot, sentLsn }: StuckFacts): StuckProbe {
  if (rowLsn === undefined)
    return {
      slowHop: 'commit',
      reason: `The probe's row is not in the outbox any more. Look who deletes rows there: its roles may only insert.`,
    };
  if (sentLsn !== undefined && sentLsn < rowLsn)
    return {
      slowHop: 'wal',
      reason: `Debezium is connected, but ${rowLsn - sentLsn} bytes of log before the probe have not been sent to it yet. Look for one large transaction or a burst on the server; it goes on by itself.`,
    };
  if (slot?.confirmedLsn !== undefined && slot.confirmedLsn > rowLsn)
    return {
      slowHop: 'kafka',
      reason: `Debezium has passed the probe's row in the log without writing it to ${topic}: it was not given the row (publication, slot) or sends it elsewhere. Run: npx outbox connectors plan ${connector}; then: npx outbox doctor`,
    };
  return {
    slowHop: 'kafka',
    reason: `Debezium was sent the probe's row, but Kafka does not have it. Look into the Connect worker's log for what the producer or the connector waits for (a topic, a broker, memory).`,
  };
}

const sentence = (text: string): string => (/[.!?]$/.test(text) ? text : `${text}.`);

async function readSentLsn(db: Pool, slotName: string): Promise<bigint | undefined> {
  const { rows } = await db.query<{ lsn: string | null }>({
    name: 'read_sent_lsn',
    text: `
      select (sender.sent_lsn - '0/0')::text as lsn
      from pg_replication_slots slot join pg_stat_replication sender on sender.pid = slot.active_pid
      where slot.slot_name = $1`,
    values: [slotName],
  });
  const lsn = rows[0]?.lsn;
  return lsn === undefined || lsn === null ? undefined : BigInt(lsn);
}

/**
 * A connector waits for ever, RUNNING, for the first topic that is missing: that of a row which the slot has not passed, or its
 * heartbeat's.
 */
async function findMissingTopics(
  { kafka, topicPrefix, probe }: OperatedPipeline,
  { file }: OperatedConnector,
  { pool }: OperatedService,
  slot: ReplicationSlot | undefined,
): Promise<string[]> {
  const { rows } = await pool.query<{ topic: string }>({
    name: 'find_waiting_topics',
    text: `
      select distinct topic
      from (select topic, insert_lsn from pipeline.outbox order by id desc limit 10000) as newest
      where insert_lsn >= '0/0'::pg_lsn + $1::numeric`,
    values: [String(slot?.confirmedLsn ?? 0n)],
  });
  const needed = [
    ...rows.map(({ topic }) => topicPrefix + topic),
    topicPrefix + probe.topic,
    heartbeatTopic(file.config),
  ];
  const there = await listTopics(kafka);
  return [...new Set(needed)].filter((topic) => !there.has(topic));
}

async function isRecordThere(kafka: Kafka, topic: string, probe: WrittenProbe): Promise<boolean> {
  const records = await readTopicToEnd(kafka, topic, { from: { time: probe.sentAt }, timeoutMs: 5_000 });
  return records.some(({ headers }) => headers['id'] === probe.eventId);
}
