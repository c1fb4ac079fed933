import { createDecoder } from '../../events/decoder.ts';
import type { RegistryPlace } from '../../events/registry-access.ts';
import { writerSchemasFrom } from '../../events/registry.ts';
import type { Kafka } from '../../platform/kafka/kafka-client.ts';
import type { Pool } from '../../platform/postgres/pool.ts';
import type { CatchUp } from './catch-up.ts';
import type { RebuildDefinition } from './define-rebuild.ts';
import { LogReader } from './log-reader.ts';
import { noRebuild, readReach, readRebuild } from './rebuild-rows.ts';

export interface RebuildPlace {
  /** As the owner of the consumer's database. */
  readonly pool: Pool;
  readonly kafka: Kafka;
  readonly registry: RegistryPlace;
  readonly topicPrefix: string;
  readonly definition: RebuildDefinition;
}

/**
 * Begins to read the topic from where the rebuild is, for all that replays.
 * @throws PipelineError `rebuild_refused` when there is none
 */
export async function withRebuild<T>(place: RebuildPlace, use: (work: CatchUp) => Promise<T>): Promise<T> {
  const { pool, kafka, registry, topicPrefix, definition } = place;
  const { consumer, topic } = definition;
  const rebuild = await readRebuild(pool, consumer);
  if (rebuild === undefined) throw noRebuild(consumer);
  const reaches = await readReach(pool, consumer, topic);
  const reader = await LogReader.open(kafka, {
    topic: topicPrefix + topic,
    group: topicPrefix + consumer,
    from: new Map(reaches.map(({ partition, rebuilt }) => [partition, rebuilt])),
  });
  try {
    const decoder = createDecoder({
      events: definition.events,
      writerSchema: writerSchemasFrom(registry),
    });
    const fromBeginning = rebuild.beginAt === 'beginning';
    return await use({ pool, definition, reader, decoder, fromBeginning });
  } finally {
    await reader.close();
  }
}
