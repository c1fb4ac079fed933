import type { Encoder } from '../../events/encoder.ts';
import { createEncoder } from '../../events/encoder.ts';
import { loadEventSchemas } from '../../outbox/load-event-schemas.ts';
import { describeError, PipelineError } from '../../platform/errors.ts';
import {
  isNobodyThere,
  isTransientPostgresError,
  sqlState,
} from '../../platform/postgres/postgres-errors.ts';
import { findStuckProbe, type StuckProbe } from './find-stuck-probe.ts';
import { followProbes, type ProbeFollower } from './follow-probes.ts';
import type { OperatedConnector, OperatedPipeline, OperatedService } from '../operated-pipeline.ts';
import type { ProbeResult } from './probe-result.ts';
import { hopsOf, slowestHop } from './probe-times.ts';
import { writeProbe, type WrittenProbe } from './write-probe.ts';

export type { Hop, ProbeResult } from './probe-result.ts';

/** Sends many probes with one reader at the far end. */
export interface Prober {
  /** As `sendProbe`. */
  send(connector: OperatedConnector, options: { timeoutMs: number }): Promise<ProbeResult>;
  close(): Promise<void>;
}

/**
 * Says one probe event through the connector's outbox, as the ops role, and waits until it comes out of Kafka at the far end.
 * @throws PipelineError `kafka_unreachable`, `database_unreachable`, `schemas_not_applied`, `usage_invalid` for a connector whose
 * service is not known
 */
export async function sendProbe(
  pipeline: OperatedPipeline,
  connector: OperatedConnector,
  options: { timeoutMs: number },
): Promise<ProbeResult> {
  const prober = await openProber(pipeline);
  try {
    return await prober.send(connector, options);
  } finally {
    await prober.close();
  }
}

/** @throws PipelineError `kafka_unreachable` */
export async function openProber(pipeline: OperatedPipeline): Promise<Prober> {
  let following: Promise<ProbeFollower | undefined> | undefined;
  const followerOf = async (): Promise<ProbeFollower | undefined> => {
    const opening = (following ??= followProbes(pipeline.kafka, probeTopic(pipeline)).catch(
      (error: unknown) => {
        if (error instanceof PipelineError && error.code === 'topic_missing') return undefined;
        throw error;
      },
    ));
    const forget = (): void => {
      if (following === opening) following = undefined;
    };
    // A topic that is missing now may be there for the next probe.
    const follower = await opening.finally(() => opening.then((found) => found ?? forget(), forget));
    return follower;
  };
  // Reading begins before the first probe is written, so none is missed and none waits for the reader's start.
  await followerOf();
  const encoders = new Map<OperatedService, Promise<Encoder>>();
  const encoderOf = (service: OperatedService): Promise<Encoder> => {
    const made =
      encoders.get(service) ?? loadEventSchemas(service.pool, [pipeline.probe]).then(createEncoder);
    encoders.set(service, made);
    made.catch(() => encoders.delete(service));
    return made;
  };
  return {
    async send(connector, options) {
      const service = serviceOf(connector);
      const sentAt = Date.now();
      const follower = await followerOf();
      if (follower === undefined) return noTopic(pipeline, connector, sentAt);
      try {
        const encoder = await encoderOf(service);
        return await sendOne({ pipeline, connector, service, encoder, follower }, options.timeoutMs);
      } catch (error) {
        return notWritten(connector, service, sentAt, error);
      }
    },
    close: async () => (await following)?.stop(),
  };
}

export const probeTopic = ({ topicPrefix, probe }: OperatedPipeline): string => topicPrefix + probe.topic;

interface Sending {
  readonly pipeline: OperatedPipeline;
  readonly connector: OperatedConnector;
  readonly service: OperatedService;
  readonly encoder: Encoder;
  readonly follower: ProbeFollower;
}

async function sendOne(sending: Sending, timeoutMs: number): Promise<ProbeResult> {
  const { pipeline, connector, service, encoder, follower } = sending;
  const { name } = connector.file;
  const written = await writeProbe(service.pool, encoder, pipeline.probe, {
    connector: name,
    sender: 'outbox',
    timeoutMs,
  });
  const probe = await follower.waitFor(written.eventId, timeoutMs - (written.committedAt - written.sentAt));
  if (probe === undefined) {
    const gaveUpAt = Date.now();
    const stuck = await findStuckProbe(pipeline, connector, service, written);
    return stuckResult(name, written, gaveUpAt, stuck);
  }
  const hops = hopsOf({ ...probe, ...written });
  return {
    connector: name,
    sentAt: new Date(written.sentAt),
    arrived: true,
    hops,
    ageMs: probe.arrivedAt - written.sentAt,
    slowHop: slowestHop(hops),
    reason: undefined,
  };
}

function stuckResult(
  connector: string,
  { sentAt, committedAt }: WrittenProbe,
  gaveUpAt: number,
  { slowHop, reason }: StuckProbe,
): ProbeResult {
  return {
    connector,
    sentAt: new Date(sentAt),
    arrived: false,
    hops: { commit: committedAt - sentAt },
    ageMs: gaveUpAt - sentAt,
    slowHop,
    reason,
  };
}

/** A probe for a topic that does not exist would hold up the connector, and with it all events. */
function noTopic(pipeline: OperatedPipeline, { file }: OperatedConnector, sentAt: number): ProbeResult {
  return {
    connector: file.name,
    sentAt: new Date(sentAt),
    arrived: false,
    hops: {},
    ageMs: 0,
    slowHop: 'kafka',
    reason: `Topic ${probeTopic(pipeline)} does not exist, so no probe was sent. Run: npx outbox topics apply`,
  };
}

/**
 * @throws the error itself, or `database_unreachable`, when it says nothing of the outbox: nobody answers, no schema, no right
 */
function notWritten(
  { file }: OperatedConnector,
  service: OperatedService,
  sentAt: number,
  error: unknown,
): ProbeResult {
  if (error instanceof PipelineError) throw error;
  const state = sqlState(error);
  if (isNobodyThere(error) || (state === undefined && isTransientPostgresError(error)))
    throw new PipelineError(
      'database_unreachable',
      `Database ${service.database} did not answer: ${describeError(error)}.`,
      {
        remedy: `Start Postgres, or set ${service.name.toUpperCase()}_OPS_DATABASE_URL.`,
        cause: error,
      },
    );
  if (state === undefined) throw error as Error;
  return {
    connector: file.name,
    sentAt: new Date(sentAt),
    arrived: false,
    hops: {},
    ageMs: Date.now() - sentAt,
    slowHop: 'commit',
    reason:
      state === '57014'
        ? `The outbox of ${service.database} did not take the row in time: something holds a lock on pipeline.outbox. Look at pg_stat_activity for a long transaction.`
        : `The outbox of ${service.database} does not take the row: ${describeError(error)}. Services can't write events either.`,
  };
}

/** @throws PipelineError `usage_invalid` */
function serviceOf({ file, service }: OperatedConnector): OperatedService {
  if (service !== undefined) return service;
  throw new PipelineError(
    'usage_invalid',
    `No service of src/pipeline.ts has the database of ${file.name}, so no probe can be sent through it.`,
    {
      remedy: `Name the connector at its service in src/pipeline.ts.`,
    },
  );
}
