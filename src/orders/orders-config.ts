import { z } from 'zod';
import { readRegistryAccess, type RegistryPlace } from '../events/registry-access.ts';
import { readKafkaAccess, type KafkaAccess } from '../platform/kafka/kafka-access.ts';
import { LOG_LEVELS } from '../platform/log.ts';
import { integerText, listText, readConfig } from '../platform/read-config.ts';

/** The environment of the order service; .env.example lists the defaults of the local stack. */
const ordersConfig = z.object({
  /** As the role `orders_app`. */
  ORDERS_DATABASE_URL: z.url(),
  ORDERS_PORT: integerText(0, 65_535).default(3001),
  HOST: z.string().min(1).default('127.0.0.1'),
  KAFKA_BROKERS: listText,
  REGISTRY_URL: z.url(),
  TOPIC_PREFIX: z.string().default(''),
  /** The replication slot through which Debezium reads this service's outbox. */
  ORDERS_SLOT: z
    .string()
    .regex(/^[a-z0-9_]{1,63}$/, 'must be lower-case letters, digits and _')
    .default('orders_outbox'),
  /** How often a probe goes through this service's outbox, in milliseconds; 0 sends none. */
  PROBE_EVERY_MS: integerText(0, 3_600_000).default(5_000),
  LOG_LEVEL: z.enum(LOG_LEVELS).default('info'),
});

export type OrdersConfig = z.output<typeof ordersConfig> & {
  readonly kafka: KafkaAccess;
  readonly registry: RegistryPlace;
};

/** @throws PipelineError `config_invalid` */
export function readOrdersConfig(env: NodeJS.Dict<string>): OrdersConfig {
  return { ...readConfig(ordersConfig, env), kafka: readKafkaAccess(env), registry: readRegistryAccess(env) };
}
