import type { PartHistory } from '../../connect/connector-history.ts';
import type { StatusRow } from '../../connect/connector-status.ts';
import type { ReplicationSlot } from '../../connect/replication-slot.ts';
import { describeError, PipelineError } from '../../platform/errors.ts';
import { isUnknownTopic } from '../../platform/kafka/unknown-topic.ts';
import type { Finding } from '../diagnose/finding.ts';
import type { SeenServer } from '../diagnose/remember-server.ts';
import type { ProbeResult } from '../probe/send-probe.ts';

/** What was looked for: found, perhaps to be nothing; or why nobody could say; undefined where there was nobody to ask. */
export type Looked<T> = { readonly found: T } | { readonly unreachable: string } | undefined;

/** A connector or one of its tasks. Without a history where the status topic can't be read. */
export interface LookedPart extends StatusRow {
  readonly history: PartHistory | undefined;
}

/** Everything that one look at a connector found. Only Connect itself must have answered. */
export interface ConnectorLook {
  readonly name: string;
  readonly at: Date;
  readonly parts: readonly LookedPart[];
  readonly slotName: string;
  readonly slot: Looked<ReplicationSlot | undefined>;
  /** By which the log that the server keeps for the slot grows; undefined until there are two samples. */
  readonly walBytesPerSecond: number | undefined;
  /** Of the newest heartbeat record; `found: undefined` for none. */
  readonly heartbeatAt: Looked<Date | undefined>;
  /** 0 where heartbeats are switched off. */
  readonly heartbeatEveryMs: number;
  readonly probe: Looked<ProbeResult>;
  readonly findings: Looked<readonly Finding[]>;
  /** The server that the diagnosis saw. */
  readonly seen?: SeenServer | undefined;
}

export function foundOf<T>(looked: Looked<T>): T | undefined {
  return looked !== undefined && 'found' in looked ? looked.found : undefined;
}

export function unreachableOf(looked: Looked<unknown>): string | undefined {
  return looked !== undefined && 'unreachable' in looked ? looked.unreachable : undefined;
}

/** What Kafka is asked; a topic that is not there is nobody to ask. */
export async function lookInKafka<T>(answer: Promise<T>, withinMs?: number): Promise<Looked<T>> {
  return answerOf(answer, withinMs, (error) =>
    isUnknownTopic(error) ? undefined : `Kafka can't be reached: ${sentence(describeError(error))}`,
  );
}

/** What a database is asked. */
export async function lookInDatabase<T>(
  answer: Promise<T>,
  database: string,
  withinMs: number,
): Promise<Looked<T>> {
  return answerOf(
    answer,
    withinMs,
    (error) => `Database ${database} can't be asked: ${sentence(describeError(error))}`,
  );
}

async function answerOf<T>(
  answer: Promise<T>,
  withinMs: number | undefined,
  unreachable: (error: unknown) => string | undefined,
): Promise<Looked<T>> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_, reject) => {
    if (withinMs === undefined) return;
    timer = setTimeout(() => reject(new Error(`no answer within ${withinMs / 1000} s`)), withinMs);
  });
  try {
    return { found: await Promise.race([answer, late]) };
  } catch (error) {
    // Not to be reached is the databases' and Kafka's to show; without Connect there is nothing to show at all.
    if (error instanceof PipelineError && error.code.startsWith('connect')) throw error;
    const text = unreachable(error);
    return text === undefined ? undefined : { unreachable: text };
  } finally {
    clearTimeout(timer);
  }
}

const sentence = (text: string): string => (/[.!?]$/.test(text) ? text : `${text}.`);
