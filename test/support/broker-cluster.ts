import { existsSync, readFileSync } from 'node:fs';
import { brokersOf } from '../../scripts/stack/cluster-parts.ts';
import type { ResourceName } from '../../scripts/stack/resource.ts';
import { checkout } from '../../scripts/stack/stack.ts';
import { waitUntil } from '../../src/platform/wait-until.ts';
import { stackValue, testKafka, testStackEnv } from './test-stack.ts';

/** The part whose controller leads the others, by what a living part wrote down last. */
export function activeController(): ResourceName {
  const brokers = brokersOf(testStackEnv());
  const states = brokers.map(({ name }) => quorumState(name));
  const newest = states.reduce((most, state) => (state.leaderEpoch > most.leaderEpoch ? state : most));
  const leader = brokers.find(({ nodeId }) => nodeId === newest.leaderId);
  if (leader === undefined) throw new Error(`There is no controller: ${JSON.stringify(states)}`);
  return leader.name;
}

interface QuorumState {
  readonly leaderId: number;
  readonly leaderEpoch: number;
}

function quorumState(name: ResourceName): QuorumState {
  const folder = `${checkout}${stackValue('TEST_STACK_ROOT')}/data/${name}/log/__cluster_metadata-0`;
  const file = `${folder}/quorum-state`;
  return existsSync(file)
    ? (JSON.parse(readFileSync(file, 'utf8')) as QuorumState)
    : { leaderId: -1, leaderEpoch: -1 };
}

/** Waits until each partition of these topics has so many copies in sync, and a leader. */
export async function copiesInSync(topics: readonly string[], copies: number): Promise<void> {
  const admin = testKafka().admin();
  await admin.connect();
  try {
    await waitUntil(
      async () => {
        const metadata = await admin.fetchTopicMetadata({ topics: [...topics] });
        const partitions = metadata.topics.flatMap((topic) => topic.partitions);
        return partitions.every(({ isr, leader }) => isr.length === copies && leader >= 0);
      },
      { timeoutMs: 60_000, everyMs: 200, what: `${copies} copies of each partition to be in sync` },
    );
  } finally {
    await admin.disconnect();
  }
}
