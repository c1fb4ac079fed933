import type { ConnectClient } from '../../connect/connect-client.ts';
import type { ConnectorConfig } from '../../connect/connector-file.ts';
import { HEARTBEAT_PREFIX, heartbeatTopic } from '../../connect/heartbeat-topic.ts';
import { describeError, PipelineError } from '../../platform/errors.ts';
import { readCluster } from '../../platform/kafka/read-cluster.ts';
import { isNobodyThere } from '../../platform/postgres/postgres-errors.ts';
import { diagnoseConnector } from '../diagnose/diagnose-connector.ts';
import { losesEvents } from '../diagnose/loses-events.ts';
import type { OperatedConnector, OperatedPipeline } from '../operated-pipeline.ts';

/**
 * What must be so before a connector's task starts: nothing keeps it from going on without losing an event, and its topics exist.
 * @returns what could not be checked from here, a sentence each
 * @throws PipelineError `connector_unhealthy`, `topic_missing`; what Connect says
 */
export async function preflightConnector(
  pipeline: OperatedPipeline,
  connector: OperatedConnector,
): Promise<string[]> {
  const { name, config } = connector.file;
  const [database, topics] = await Promise.all([
    checkPosition(connector, pipeline.connect),
    checkTopics(pipeline, name, config),
  ]);
  return [...database, ...topics];
}

async function checkPosition(connector: OperatedConnector, connect: ConnectClient): Promise<string[]> {
  const { file, service } = connector;
  if (service === undefined)
    return [
      `slot and publication were not checked: no service of src/pipeline.ts has the database of ${file.name}`,
    ];
  try {
    const finding = losesEvents(await diagnoseConnector(connector, connect));
    if (finding === undefined) return [];
    throw new PipelineError('connector_unhealthy', `${file.name}: ${finding.sentence}`, {
      remedy:
        finding.mend === 'none'
          ? 'Then apply again.'
          : `Mend it with: npx outbox connectors heal ${file.name}`,
    });
  } catch (error) {
    if (error instanceof PipelineError) throw error;
    if (isNobodyThere(error))
      return [
        `slot and publication were not checked: database ${service.database} can't be reached from here (${describeError(error)})`,
      ];
    throw new PipelineError(
      'connector_unhealthy',
      `${file.name}: its database can't be checked: ${describeError(error)}.`,
      { remedy: 'Bring its tables up to date with npm run setup, then apply again.', cause: error },
    );
  }
}

/**
 * A connector waits for ever, RUNNING, for a topic that does not exist.
 * @returns what could not be checked from here, a sentence each
 * @throws PipelineError `topic_missing`
 */
export async function checkTopics(
  pipeline: OperatedPipeline,
  name: string,
  config: ConnectorConfig,
): Promise<string[]> {
  const wanted = topicsOf(pipeline, config);
  try {
    const { topics } = await readCluster(pipeline.kafka, wanted);
    const missing = wanted.filter((topic) => !topics.has(topic));
    if (missing.length === 0) return [];
    throw new PipelineError(
      'topic_missing',
      `${name} would wait for ever for ${missing.length === 1 ? 'a topic that does' : 'topics that do'} not exist: ${missing.join(', ')}.`,
      {
        remedy:
          'Create them with npx outbox topics apply (a heartbeat topic must stand in src/contracts/catalogue.ts), then apply again.',
      },
    );
  } catch (error) {
    if (!(error instanceof PipelineError) || error.code !== 'kafka_unreachable') throw error;
    return [`topics were not checked: ${describeError(error)}`];
  }
}

/** The catalogue's topics but for heartbeats of other connectors, and its own heartbeats. */
export function topicsOf({ topics }: OperatedPipeline, config: ConnectorConfig): string[] {
  const prefix = config['topic.heartbeat.prefix'] ?? HEARTBEAT_PREFIX;
  const interval = Number(config['heartbeat.interval.ms'] ?? 0);
  const heartbeats = interval > 0 ? [heartbeatTopic(config)] : [];
  const events = topics.map(({ name }) => name).filter((topic) => !topic.startsWith(`${prefix}.`));
  return [...events, ...heartbeats];
}
