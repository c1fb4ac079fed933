import { z } from 'zod';
import { LOG_LEVELS } from '../platform/log.ts';
import { integerText } from '../platform/read-config.ts';

const LOOPBACK = ['127.0.0.1', '::1', 'localhost'];

/**
 * The environment of the dashboard, besides that of the `outbox` command line (TOPIC_PREFIX, KAFKA_BROKERS, REGISTRY_URL, CONNECT_URL
 * and what goes with it, `<SERVICE>_OPS_DATABASE_URL`).
 */
export const dashboardConfig = z
  .object({
    DASHBOARD_PORT: integerText(0, 65_535).default(3000),
    /** Beyond loopback only with a token: whoever reaches the page can pause connectors and discard events. */
    DASHBOARD_HOST: z.string().min(1).default('127.0.0.1'),
    DASHBOARD_TOKEN: z.string().default(''),
    /** Where the services answer; on this machine's ports unless given. */
    ORDERS_URL: z.url().optional(),
    INVENTORY_URL: z.url().optional(),
    SALES_URL: z.url().optional(),
    ORDERS_PORT: integerText(1, 65_535).default(3001),
    INVENTORY_PORT: integerText(1, 65_535).default(3002),
    SALES_PORT: integerText(1, 65_535).default(3003),
    /** The workers' status.storage.topic. */
    CONNECT_STATUS_TOPIC: z.string().min(1).default('connect-status'),
    /** How often a probe goes through each connector that runs, in milliseconds; 0 sends none. */
    PROBE_EVERY_MS: integerText(0, 3_600_000).default(5_000),
    LOG_LEVEL: z.enum(LOG_LEVELS).default('info'),
  })
  .refine(({ DASHBOARD_HOST: host, DASHBOARD_TOKEN: token }) => LOOPBACK.includes(host) || token !== '', {
    path: ['DASHBOARD_TOKEN'],
    message: 'must be set where DASHBOARD_HOST is not this machine alone',
  })
  .refine(({ DASHBOARD_TOKEN: token }) => token === '' || token.length >= 16, {
    path: ['DASHBOARD_TOKEN'],
    message: 'must have at least 16 characters',
  })
  .transform((env) => ({
    port: env.DASHBOARD_PORT,
    host: env.DASHBOARD_HOST,
    token: env.DASHBOARD_TOKEN === '' ? undefined : env.DASHBOARD_TOKEN,
    urls: {
      orders: env.ORDERS_URL ?? `http://127.0.0.1:${env.ORDERS_PORT}`,
      inventory: env.INVENTORY_URL ?? `http://127.0.0.1:${env.INVENTORY_PORT}`,
      sales: env.SALES_URL ?? `http://127.0.0.1:${env.SALES_PORT}`,
    },
    statusTopic: env.CONNECT_STATUS_TOPIC,
    probeEveryMs: env.PROBE_EVERY_MS,
    logLevel: env.LOG_LEVEL,
  }));

export type DashboardConfig = z.output<typeof dashboardConfig>;
