import { randomBytes } from 'node:crypto';
import { applyTopics } from '../../src/platform/kafka/topic-admin.ts';
import { silentLog } from '../../src/platform/log.ts';
import { testKafka, testReplicationFactor } from './test-stack.ts';

/** Stands before each topic name and group of one test file, so that files do not see each other's events. */
export function uniquePrefix(): string {
  return `t${randomBytes(5).toString('hex')}.`;
}

export async function createTopics(
  prefix: string,
  topics: readonly { readonly name: string; readonly partitions: number }[],
): Promise<void> {
  const specs = topics.map(({ name, partitions }) => ({ name: prefix + name, partitions, config: {} }));
  await applyTopics(testKafka(), specs, { replicationFactor: testReplicationFactor(), log: silentLog });
}
