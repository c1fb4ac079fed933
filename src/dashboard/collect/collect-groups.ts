import { openClusterLook, type ClusterLook, type LookedGroup } from '../../platform/kafka/cluster-look.ts';
import type { OperatedPipeline, OperatedService } from '../../operate/operated-pipeline.ts';
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
 * @param wayReads by consumer: the topic that it reads, without the prefix. Consumers of other services are found by their positions
 */
export function collectGroups(
  pipeline: OperatedPipeline,
  wayReads: ReadonlyMap<string, string>,
  onGroups: (collected: CollectedGroups) => void,
): Collector & { close(): Promise<void> } {
  const cluster = openClusterLook(pipeline.kafka);
  const seen: Seen = {
    ...{ positions: new Map(), databaseProblems: new Map(), committed: new Map() },
    ...{ ends: new Map(), groups: [], kafkaProblem: null },
  };
  const reads = (): ReadonlyMap<string, string> => {
    const found = [...seen.positions.values()].flatMap(({ rows }) => rows);
    return new Map([...wayReads, ...found.map(({ consumer, topic }) => [consumer, topic] as const)]);
  };
  const say = (): void => onGroups(collected(seen, pipeline, reads()));
  const collectors = [
    ...askKafka(cluster, pipeline.topicPrefix, reads, { seen, say }),
    ...pipeline.services.map((service) => askForPositions(service, seen)),
  ];
  return {
    stop: () => {
      for (const collector of collectors) collector.stop();
    },
    close: () => cluster.close(),
  };
}

interface ReadPositions {
  readonly rows: readonly ConsumerPosition[];
  /** As they were known before the positions were read: what came since is not behind, a consumer may have it by now. */
  readonly endsBefore: Ends;
}

interface Seen {
  /** By consumer; none while its database does not answer. */
  readonly positions: Map<string, ReadPositions>;
  readonly databaseProblems: Map<string, string>;
  /** By consumer, only where its position is not known. */
  readonly committed: Map<string, ReadonlyMap<number, number>>;
  ends: Ends;
  groups: readonly LookedGroup[];
  kafkaProblem: string | null;
}

function collected(
  { positions, databaseProblems, committed, ends, groups, kafkaProblem }: Seen,
  { topicPrefix }: Pick<OperatedPipeline, 'topicPrefix'>,
  reads: ReadonlyMap<string, string>,
): CollectedGroups {
  const states = [...reads].map(([consumer, topic]) =>
    groupState(consumer, {
      ...{ topic, topicPrefix, ends },
      looked: groups.find(({ name }) => name === topicPrefix + consumer),
      positions: positions.get(consumer)?.rows,
      endsBefore: positions.get(consumer)?.endsBefore.get(topic),
      committed: committed.get(consumer),
    }),
  );
  return { at: Date.now(), ends, groups: states, kafkaProblem, databaseProblems };
}

function askKafka(
  cluster: ClusterLook,
  topicPrefix: string,
  reads: () => ReadonlyMap<string, string>,
  { seen, say }: { readonly seen: Seen; readonly say: () => void },
): Collector[] {
  return [
    keepCollecting({
      everyMs: EVERY_MS,
      withinMs: WITHIN_MS,
      collect: async () => {
        const topics = [...new Set(reads().values())];
        const found = await cluster.ends(topics.map((topic) => topicPrefix + topic));
        seen.ends = new Map([...found].map(([topic, of]) => [topic.slice(topicPrefix.length), of]));
      },
      onProblem: (problem) => {
        seen.kafkaProblem = problem === null ? null : `Kafka does not answer: ${problem}`;
        say();
      },
    }),
    keepCollecting({
      everyMs: GROUPS_EVERY_MS,
      withinMs: WITHIN_MS,
      collect: async () => {
        seen.groups = await cluster.groups([...reads().keys()].map((name) => topicPrefix + name));
        for (const [consumer, topic] of reads())
          if (!seen.positions.has(consumer))
            seen.committed.set(
              consumer,
              await cluster.committed(topicPrefix + consumer, topicPrefix + topic),
            );
      },
      // The other question to Kafka tells.
      onProblem: () => undefined,
    }),
  ];
}

function askForPositions({ name, consumer, database, pool }: OperatedService, seen: Seen): Collector {
  return keepCollecting({
    everyMs: EVERY_MS,
    withinMs: WITHIN_MS,
    collect: async () => {
      const endsBefore = seen.ends;
      seen.positions.set(consumer, { endsBefore, rows: await readConsumerPositions(pool) });
    },
    onProblem: (problem) => {
      if (problem === null) seen.databaseProblems.delete(name);
      else {
        seen.databaseProblems.set(name, `Database ${database} does not answer: ${problem}`);
        seen.positions.delete(consumer);
      }
    },
  });
}

export interface GroupFacts {
  readonly topic: string;
  readonly topicPrefix: string;
  readonly looked: LookedGroup | undefined;
  readonly ends: Ends;
  readonly positions: readonly ConsumerPosition[] | undefined;
  /** Ends of the topic before the positions were read; undefined where they were not. */
  readonly endsBefore: ReadonlyMap<number, number> | undefined;
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
        lag: position === null ? null : Math.max(0, (facts.endsBefore?.get(partition) ?? end) - position),
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
