import type { LookedGroup } from '../../platform/kafka/cluster-look.ts';
import { openClusterLook } from '../../platform/kafka/cluster-look.ts';
import type { OperatedPipeline } from '../../operate/operated-pipeline.ts';
import type { GroupPartition, GroupState } from '../dashboard-state.ts';
import { readConsumerPositions, type ConsumerPosition } from '../sql/read-consumer-positions.ts';
import { keepCollecting, type Collector } from './keep-collecting.ts';

const EVERY_MS = 1_000;
const GROUPS_EVERY_MS = 3_000;
const WITHIN_MS = 4_000;

type Ends = ReadonlyMap<string, ReadonlyMap<number, number>>;

export interface CollectedGroups {
  readonly at: number;
  /** By topic without its prefix. */
  readonly ends: Ends;
  readonly groups: readonly GroupState[];
  /** Of Kafka; null while it answers. */
  readonly kafkaProblem: string | null;
  /** Of a service's database, by service. */
  readonly databaseProblems: ReadonlyMap<string, string>;
}

/**
 * Kafka's ends and groups, and each consumer's position in its own database, which is the one that counts.
 * @param reads by consumer: the topic that it reads, without the prefix
 */
export function collectGroups(
  pipeline: OperatedPipeline,
  reads: ReadonlyMap<string, string>,
  onGroups: (collected: CollectedGroups) => void,
): Collector & { close(): Promise<void> } {
  const { topicPrefix, services } = pipeline;
  const cluster = openClusterLook(pipeline.kafka);
  const topics = [...new Set(reads.values())];
  const names = [...reads.keys()];
  const positions = new Map<string, readonly ConsumerPosition[]>();
  const databaseProblems = new Map<string, string>();
  const committed = new Map<string, ReadonlyMap<number, number>>();
  let ends: Ends = new Map();
  let looked: readonly LookedGroup[] = [];
  let kafkaProblem: string | null = null;
  const say = (): void => {
    const groups = names.map((consumer) =>
      groupState(consumer, {
        topic: reads.get(consumer) ?? '',
        topicPrefix,
        looked: looked.find(({ name }) => name === topicPrefix + consumer),
        ends,
        positions: positions.get(consumer),
        committed: committed.get(consumer),
      }),
    );
    onGroups({ at: Date.now(), ends, groups, kafkaProblem, databaseProblems });
  };
  const collectors = [
    keepCollecting({
      everyMs: EVERY_MS,
      withinMs: WITHIN_MS,
      collect: async () => {
        const found = await cluster.ends(topics.map((topic) => topicPrefix + topic));
        ends = new Map([...found].map(([topic, of]) => [topic.slice(topicPrefix.length), of]));
      },
      onProblem: (problem) => {
        kafkaProblem = problem === null ? null : `Kafka does not answer: ${problem}`;
        say();
      },
    }),
    keepCollecting({
      everyMs: GROUPS_EVERY_MS,
      withinMs: WITHIN_MS,
      collect: async () => {
        looked = await cluster.groups(names.map((name) => topicPrefix + name));
        for (const [consumer, topic] of reads)
          if (positions.get(consumer) === undefined)
            committed.set(consumer, await cluster.committed(topicPrefix + consumer, topicPrefix + topic));
      },
      // The other question to Kafka tells.
      onProblem: () => undefined,
    }),
    ...services.map((service) =>
      keepCollecting({
        everyMs: EVERY_MS,
        withinMs: WITHIN_MS,
        collect: async () => {
          positions.set(service.consumer, await readConsumerPositions(service.pool));
        },
        onProblem: (problem) => {
          if (problem === null) databaseProblems.delete(service.name);
          else databaseProblems.set(service.name, `Database ${service.database} does not answer: ${problem}`);
          if (problem !== null) positions.delete(service.consumer);
        },
      }),
    ),
  ];
  return {
    stop: () => {
      for (const collector of collectors) collector.stop();
    },
    close: () => cluster.close(),
  };
}

export interface GroupFacts {
  readonly topic: string;
  readonly topicPrefix: string;
  readonly looked: LookedGroup | undefined;
  readonly ends: Ends;
  readonly positions: readonly ConsumerPosition[] | undefined;
  readonly committed: ReadonlyMap<number, number> | undefined;
}

/** A group as the page shows it: every partition of its topic, whether somebody reads it or not. */
export function groupState(consumer: string, facts: GroupFacts): GroupState {
  const { topic, topicPrefix, looked } = facts;
  const partitions = [...(facts.ends.get(topic) ?? [])]
    .sort(([a], [b]) => a - b)
    .map(([partition, end]): GroupPartition => {
      const position =
        facts.positions?.find((one) => one.topic === topic && one.partition === partition)?.nextOffset ??
        facts.committed?.get(partition) ??
        null;
      const owner = looked?.members.find((member) =>
        member.partitions.some((one) => one.topic === topicPrefix + topic && one.partition === partition),
      );
      return {
        topic,
        partition,
        position,
        end,
        lag: position === null ? null : Math.max(0, end - position),
        owner: owner?.id ?? null,
      };
    });
  return {
    name: consumer,
    state: looked?.state ?? 'unknown',
    partitions,
    idle: (looked?.members ?? []).filter((member) => member.partitions.length === 0).map(({ id }) => id),
  };
}
