import { z } from 'zod';
import { readRegistryAccess, type RegistryPlace } from '../events/registry-access.ts';
import { readKafkaAccess, type KafkaAccess } from '../platform/kafka/kafka-access.ts';
import { LOG_LEVELS } from '../platform/log.ts';
import { integerText, listText, readConfig } from '../platform/read-config.ts';

/** The environment of the sales service. */
const salesConfig = z
  .object({
    /** As the role `sales_app`. */
    SALES_DATABASE_URL: z.url(),
    SALES_PORT: integerText(0, 65_535).default(3003),
    HOST: z.string().min(1).default('127.0.0.1'),
    KAFKA_BROKERS: listText,
    REGISTRY_URL: z.url(),
    TOPIC_PREFIX: z.string().default(''),
    LOG_LEVEL: z.enum(LOG_LEVELS).default('info'),
  })
  .transform((env) => ({
    databaseUrl: env.SALES_DATABASE_URL,
    host: env.HOST,
    port: env.SALES_PORT,
    topicPrefix: env.TOPIC_PREFIX,
    logLevel: env.LOG_LEVEL,
  }));

export type SalesConfig = z.output<typeof salesConfig> & {
  readonly kafka: KafkaAccess;
  readonly registry: RegistryPlace;
};

/** @throws PipelineError `config_invalid` */
export function readSalesConfig(env: NodeJS.Dict<string>): SalesConfig {
  return { ...readConfig(salesConfig, env), kafka: readKafkaAccess(env), registry: readRegistryAccess(env) };
}
