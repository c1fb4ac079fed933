import { defineTopic } from '../events/define-topic.ts';
import type { TopicDefinition } from '../events/define-topic.ts';
import { pipelineProbeVersions } from './generated/pipeline-probe.ts';
import type { PipelineProbe } from './generated/pipeline-probe.ts';
import { schemas } from './topic-settings.ts';

const DAY_MS = 24 * 60 * 60 * 1000;

/** Probes of all connectors; one partition, so that their order is that of Kafka. Key: the connector's name. */
export const probeEvents: TopicDefinition<PipelineProbe> = defineTopic<PipelineProbe>({
  schemas,
  name: 'pipeline.probe',
  partitions: 1,
  retentionMs: DAY_MS,
  versions: pipelineProbeVersions,
});
