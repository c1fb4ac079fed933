import { topicCatalogue } from '../../../src/contracts/catalogue.ts';
import { applyTopics } from '../../../src/platform/kafka/topic-admin.ts';
import { silentLog } from '../../../src/platform/log.ts';
import { startService } from '../../support/service-process.ts';
import type { ServiceProcess } from '../../support/service-process.ts';
import { createTestDatabase } from '../../support/test-database.ts';
import type { TestDatabase } from '../../support/test-database.ts';
import { testKafka, testStackEnv } from '../../support/test-stack.ts';
import { uniquePrefix } from '../../support/test-topics.ts';
import { createStockedDatabase } from '../apply/stocked-database.ts';
import { createPool } from '../../../src/platform/postgres/pool.ts';
import { Cleanup } from './cleanup.ts';
import { retainRows } from './retain-rows.ts';

/** What every arm works with: the same tables, topics and stock, made anew for each. */
export interface BenchShop {
  readonly topicPrefix: string;
  readonly retained: number;
  readonly databases: { readonly orders: TestDatabase; readonly inventory: TestDatabase };
  /**
   * @param env what differs from other arms
   * @param main another program in the service's place
   */
  startService(
    name: 'orders' | 'inventory',
    env?: Readonly<Record<string, string>>,
    main?: string,
  ): Promise<ServiceProcess>;
  /** The environment of a process of the arm's own. */
  readonly env: Readonly<Record<string, string>>;
  remove(): Promise<void>;
}

/**
 * @param options.retained rows that the order service's outbox holds already, published long ago
 * @param options.skuCharacters length of each sku's name, as `skuName` has it
 */
export async function openBenchShop({
  skus,
  retained = 0,
  skuCharacters,
}: {
  skus: number;
  retained?: number;
  skuCharacters?: number;
}): Promise<BenchShop> {
  const cleanup = new Cleanup();
  return cleanup.guard(async () => {
    const topicPrefix = uniquePrefix();
    await createTopics(topicPrefix);
    const orders = await createTestDatabase('orders');
    cleanup.add(() => orders.drop());
    if (retained > 0) await retain(orders, retained);
    const inventory = await createStockedDatabase(skus, skuCharacters);
    cleanup.add(() => inventory.drop());
    const env = {
      ...testStackEnv(),
      ORDERS_DATABASE_URL: orders.appUrl,
      INVENTORY_DATABASE_URL: inventory.appUrl,
      TOPIC_PREFIX: topicPrefix,
      LOG_LEVEL: 'warn',
    };
    return {
      topicPrefix,
      retained,
      databases: { orders, inventory },
      env,
      startService: (name, more = {}, main?: string) =>
        startService(name, { ...env, ...more }, main === undefined ? {} : { main }),
      remove: () => cleanup.run(),
    };
  });
}

/** As the owner, whose statements may take long. */
async function retain({ ownerUrl }: TestDatabase, rows: number): Promise<void> {
  const options = { connectionString: ownerUrl, applicationName: 'bench', log: silentLog };
  const pool = createPool({ ...options, max: 1, queryTimeoutMs: 300_000 });
  try {
    await pool.query(retainRows(rows));
    await pool.query({ text: 'analyze pipeline.outbox' });
  } finally {
    await pool.end();
  }
}

/** With the broker's own time on each record, whoever produced it: one of the moments that are measured. They go with the stack. */
async function createTopics(topicPrefix: string): Promise<void> {
  const topics = topicCatalogue(topicPrefix).map((topic) => ({
    ...topic,
    config: { ...topic.config, 'message.timestamp.type': 'LogAppendTime' },
  }));
  await applyTopics(testKafka(), topics, { replicationFactor: 1, log: silentLog });
}
