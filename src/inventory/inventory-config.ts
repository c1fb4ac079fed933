import { z } from 'zod';
import { readRegistryAccess, type RegistryPlace } from '../events/registry-access.ts';
import { readKafkaAccess, type KafkaAccess } from '../platform/kafka/kafka-access.ts';
import { LOG_LEVELS } from '../platform/log.ts';
import { integerText, listText, readConfig } from '../platform/read-config.ts';

/** The environment of the inventory service. */
const inventoryConfig = z
  .object({
    /** As the role `inventory_app`. */
    INVENTORY_DATABASE_URL: z.url(),
    INVENTORY_PORT: integerText(0, 65_535).default(3002),
    /** The replication slot through which Debezium reads this service's outbox. */
    INVENTORY_SLOT: z
      .string()
      .regex(/^[a-z0-9_]{1,63}$/, 'must be lower-case letters, digits and _')
      .default('inventory_outbox'),
    HOST: z.string().min(1).default('127.0.0.1'),
    KAFKA_BROKERS: listText,
    REGISTRY_URL: z.url(),
    TOPIC_PREFIX: z.string().default(''),
    /** How often a probe goes through this service's outbox, in milliseconds; 0 sends none. */
    PROBE_EVERY_MS: integerText(0, 3_600_000).default(5_000),
    LOG_LEVEL: z.enum(LOG_LEVELS).default('info'),
  })
  .transform((env) => ({
    databaseUrl: env.INVENTORY_DATABASE_URL,
    host: env.HOST,
    port: env.INVENTORY_PORT,
    slot: env.INVENTORY_SLOT,
    topicPrefix: env.TOPIC_PREFIX,
    probeEveryMs: env.PROBE_EVERY_MS,
    logLevel: env.LOG_LEVEL,
  }));

export type InventoryConfig = z.output<typeof inventoryConfig> & {
  readonly kafka: KafkaAccess;
  readonly registry: RegistryPlace;
};

/** @throws PipelineError `config_invalid` */
export function readInventoryConfig(env: NodeJS.Dict<string>): InventoryConfig {
  return {
    ...readConfig(inventoryConfig, env),
    kafka: readKafkaAccess(env),
    registry: readRegistryAccess(env),
  };
}
