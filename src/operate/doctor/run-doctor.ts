import type { EventSchema } from '../../events/event-schema.ts';
import { readCluster } from '../../platform/kafka/read-cluster.ts';
import type { OperatedPipeline } from '../operated-pipeline.ts';
import { clockSection } from './check-clocks.ts';
import type { InternalTopics } from './check-connect.ts';
import { heartbeatTopicOf } from './check-topics.ts';
import { connectSection } from './examine-connect.ts';
import { kafkaSection } from './examine-kafka.ts';
import { databaseSection, serverSection } from './examine-postgres.ts';
import { readRegistered, readSchemaFiles, registrySection, schemasSection } from './examine-schemas.ts';
import { findPostgresServers } from './postgres-servers.ts';
import { examine, type ExaminedSection, type Line } from './section.ts';

export interface DoctorOptions {
  readonly internalTopics: InternalTopics;
  readonly now: Date;
}

/** Looks at everything and changes nothing. What can't be reached is a line, never an error. */
export async function runDoctor(
  pipeline: OperatedPipeline,
  options: DoctorOptions,
): Promise<ExaminedSection[]> {
  const { internalTopics, now } = options;
  const wanted = [
    ...pipeline.topics.map(({ name }) => name),
    ...pipeline.connectors.map((connector) => heartbeatTopicOf(connector) ?? ''),
    ...Object.values(internalTopics as unknown as Record<string, string>),
  ];
  const cluster = unheard(readCluster(pipeline.kafka, wanted));
  const files = schemaFiles(pipeline.schemas);
  const registered = unheard(readRegistered(pipeline.registry, files.ok ?? []));
  const servers = await findPostgresServers(pipeline);
  return Promise.all([
    ...servers.map((server) => examine(serverSection(server))),
    ...pipeline.services.map((service) => examine(databaseSection(service, pipeline.connectors, now))),
    examine(connectSection(pipeline, internalTopics, cluster)),
    examine(kafkaSection(pipeline, cluster)),
    examine(registrySection(pipeline, files.ok ?? [], registered)),
    examine(schemasSection(pipeline, files.read, registered)),
    examine(clockSection(pipeline, servers)),
  ]);
}

/** Several sections wait for the same answer; until the first does, its failure is nobody's yet. */
function unheard<T>(answer: Promise<T>): Promise<T> {
  answer.catch(() => undefined);
  return answer;
}

/** A file that can't be read is the business of the section of the schemas alone. */
function schemaFiles(schemas: URL): { ok: EventSchema[] | undefined; read: () => EventSchema[] } {
  const read = (): EventSchema[] => readSchemaFiles(schemas);
  try {
    return { ok: read(), read };
  } catch {
    return { ok: undefined, read };
  }
}

export interface Counts {
  readonly ok: number;
  readonly warning: number;
  readonly problem: number;
  readonly skipped: number;
  /** Parts that could not be reached; they are problems, too. */
  readonly unreachable: number;
}

export function countLines(sections: readonly ExaminedSection[]): Counts {
  const lines = sections.flatMap((section): readonly Line[] => section.lines);
  const count = (verdict: Line['verdict']): number => lines.filter((line) => line.verdict === verdict).length;
  return {
    ok: count('ok'),
    warning: count('warning'),
    problem: count('problem'),
    skipped: count('skipped'),
    unreachable: lines.filter(({ unreachable }) => unreachable === true).length,
  };
}

/** 0 fine, 1 a problem (or, when strict, a warning), 3 something could not be reached, so that not all is known. */
export function exitCodeFor(counts: Counts, strict: boolean): 0 | 1 | 3 {
  if (counts.unreachable > 0) return 3;
  return counts.problem > 0 || (strict && counts.warning > 0) ? 1 : 0;
}
