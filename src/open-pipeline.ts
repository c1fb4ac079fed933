import { relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import { createConnectClient } from './connect/connect-client.ts';
import { connectorForEnvironment } from './connect/connector-for-environment.ts';
import type { ConnectorFile } from './connect/connector-file.ts';
import { readConnectorFiles } from './connect/read-connector-files.ts';
import { topicCatalogue } from './contracts/catalogue.ts';
import { probeEvents } from './contracts/probe-events.ts';
import { schemas } from './contracts/topic-settings.ts';
import { readRegistryAccess } from './events/registry-access.ts';
import type { OperatedConnector, OperatedPipeline, OperatedService } from './operate/operated-pipeline.ts';
import { services, type ServiceDefinition } from './pipeline.ts';
import { readAccess } from './platform/access.ts';
import { PipelineError } from './platform/errors.ts';
import { readKafkaAccess } from './platform/kafka/kafka-access.ts';
import { createKafka } from './platform/kafka/kafka-client.ts';
import { secretsOf } from './platform/mask-secrets.ts';
import { createPool } from './platform/postgres/pool.ts';
import { requiredValue } from './platform/required-value.ts';
import type { Log } from './platform/log.ts';

/** Where the pipeline is; what is left out comes from the environment and the project. */
export interface PipelinePlace {
  /** Kafka Connect's REST address; several workers separated by commas. */
  readonly connect?: string;
  /** Folder of connector files. */
  readonly dir?: string;
  /** Milliseconds during which Connect's rebalances and timeouts are asked again; 30 s unless given, 0 for one look. */
  readonly retryForMs?: number;
}

/** From whose environment the addresses are, and to whom it says what goes wrong. */
export interface PipelineCaller {
  readonly env: Readonly<Record<string, string>>;
  readonly log: Log;
}

export interface OpenPipeline extends OperatedPipeline {
  close(): Promise<void>;
}

/** `connectors`, as seen from where the command was called. */
export const projectConnectors =
  relative(process.cwd(), fileURLToPath(new URL('../connectors', import.meta.url))) || '.';

/** Nothing is connected to yet: each command reaches only what it uses, so one that needs no Kafka works without it. */
export async function openPipeline(caller: PipelineCaller, place: PipelinePlace = {}): Promise<OpenPipeline> {
  const { env, log } = caller;
  const topicPrefix = env['TOPIC_PREFIX'] ?? '';
  const files = await readConnectorFiles(place.dir ?? projectConnectors);
  const operated = services.map((service) => operatedService(service, caller));
  return {
    services: operated,
    connectors: files.map((file) => operatedConnector(file, operated, topicPrefix)),
    topics: topicCatalogue(topicPrefix),
    probe: probeEvents.events.ProbeSent,
    topicPrefix,
    connect: createConnectClient({
      ...readAccess(env, 'CONNECT'),
      secrets: secretsOf(env),
      url: place.connect ?? requiredValue(env, 'CONNECT_URL'),
      retryForMs: place.retryForMs ?? 30_000,
    }),
    kafka: createKafka({ ...readKafkaAccess(env), clientId: 'outbox', log }),
    registry: readRegistryAccess(env),
    schemas,
    log,
    close: async () => {
      await Promise.all(operated.map(({ pool }) => pool.end()));
    },
  };
}

/**
 * The connectors that were named, or all of them when none was.
 * @throws PipelineError `usage_invalid` for a name without a file
 */
export function namedConnectors(
  pipeline: OperatedPipeline,
  names: readonly string[],
): readonly OperatedConnector[] {
  const known = pipeline.connectors.map(({ file }) => file.name);
  const unknown = names.filter((name) => !known.includes(name));
  if (unknown.length > 0)
    throw new PipelineError('usage_invalid', `There is no connector file for ${unknown.join(', ')}.`, {
      remedy: `Known are: ${known.join(', ')}.`,
    });
  return names.length === 0
    ? pipeline.connectors
    : pipeline.connectors.filter(({ file }) => names.includes(file.name));
}

function operatedService(service: ServiceDefinition, { env, log }: PipelineCaller): OperatedService {
  const prefix = service.name.toUpperCase();
  const opsUrl = requiredValue(env, `${prefix}_OPS_DATABASE_URL`);
  const { name, connector, consumer, migrations } = service;
  return {
    name,
    connector,
    consumer,
    migrations,
    database: decodeURIComponent(new URL(opsUrl).pathname.slice(1)),
    pool: createPool({ connectionString: opsUrl, applicationName: 'outbox', log, max: 2 }),
    ownerUrl: env[`${prefix}_OWNER_DATABASE_URL`] || undefined,
  };
}

function operatedConnector(
  file: ConnectorFile,
  operated: readonly OperatedService[],
  topicPrefix: string,
): OperatedConnector {
  const here = connectorForEnvironment(file, { topicPrefix });
  const service =
    operated.find(({ connector }) => connector === file.name) ??
    operated.find(({ database }) => database === here.config['database.dbname']);
  return { file: here, service };
}
