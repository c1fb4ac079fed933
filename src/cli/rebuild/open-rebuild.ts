import type { RebuildPlace } from '../../consumer/rebuild/open-rebuild.ts';
import { readRegistryAccess } from '../../events/registry-access.ts';
import { services } from '../../pipeline.ts';
import { PipelineError } from '../../platform/errors.ts';
import { readKafkaAccess } from '../../platform/kafka/kafka-access.ts';
import { createKafka } from '../../platform/kafka/kafka-client.ts';
import { createPool, type Pool } from '../../platform/postgres/pool.ts';
import { requiredValue } from '../../platform/required-value.ts';
import type { CommandContext } from '../run-command.ts';

export interface OpenRebuild extends RebuildPlace {
  /** Every outbox, as the role `<service>_audit`, which reads rows and changes none. Opened when it is asked for. */
  readonly outboxes: () => Pool[];
  close(): Promise<void>;
}

/** A statement over whole tables may take long; who runs it may end it. */
const QUERY_TIMEOUT_MS = 3_600_000;

/**
 * The rebuild of a consumer, by the code of this checkout, as the owner of its database. Nothing is connected to yet.
 * @throws PipelineError `usage_invalid` for a consumer without one
 */
export async function openRebuild({ env, log }: CommandContext, consumer: string): Promise<OpenRebuild> {
  const service = services.find((one) => one.consumer === consumer);
  const known = services.filter(({ rebuild }) => rebuild !== undefined).map((one) => one.consumer);
  if (service?.rebuild === undefined)
    throw new PipelineError('usage_invalid', `There is no rebuild of consumer ${consumer}.`, {
      remedy: `Known are: ${known.join(', ')}. Define one in src/pipeline.ts.`,
    });
  const url = requiredValue(env, `${service.name.toUpperCase()}_OWNER_DATABASE_URL`);
  const kafkaAccess = readKafkaAccess(env);
  const registry = readRegistryAccess(env);
  const definition = await service.rebuild();
  const pools: Pool[] = [];
  const open = (connectionString: string): Pool => {
    const queryTimeoutMs = QUERY_TIMEOUT_MS;
    const opened = createPool({
      connectionString,
      applicationName: 'outbox rebuild',
      log,
      max: 2,
      queryTimeoutMs,
    });
    pools.push(opened);
    return opened;
  };
  return {
    definition,
    pool: open(url),
    outboxes: () =>
      services
        .filter(({ connector }) => connector !== undefined)
        .map(({ name }) => open(requiredValue(env, `${name.toUpperCase()}_AUDIT_DATABASE_URL`))),
    kafka: createKafka({ ...kafkaAccess, clientId: 'outbox-rebuild', log }),
    registry,
    topicPrefix: env['TOPIC_PREFIX'] ?? '',
    close: async () => {
      await Promise.all(pools.map((one) => one.end()));
    },
  };
}
