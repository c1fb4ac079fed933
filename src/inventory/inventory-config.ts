import { z } from 'zod';
import { integerText, listText } from '../platform/read-config.ts';

/** The environment of the inventory service. */
export const inventoryConfig = z
  .object({
    INVENTORY_DATABASE_URL: z.string().min(1),
    INVENTORY_PORT: integerText(0, 65_535),
    HTTP_HOST: z.string().min(1).default('127.0.0.1'),
    KAFKA_BROKERS: listText,
    REGISTRY_URL: z.url(),
    TOPIC_PREFIX: z.string().default(''),
    LOG_LEVEL: z.string().min(1).default('info'),
  })
  .transform((env) => ({
    databaseUrl: env.INVENTORY_DATABASE_URL,
    host: env.HTTP_HOST,
    port: env.INVENTORY_PORT,
    brokers: env.KAFKA_BROKERS,
    registryUrl: env.REGISTRY_URL,
    topicPrefix: env.TOPIC_PREFIX,
    logLevel: env.LOG_LEVEL,
  }));

export type InventoryConfig = z.output<typeof inventoryConfig>;
