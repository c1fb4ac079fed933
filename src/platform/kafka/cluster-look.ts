import kafkajs from 'kafkajs';
import type { Admin } from 'kafkajs';
import type { Kafka } from './kafka-client.ts';
import { isUnknownTopic } from './unknown-topic.ts';

export interface LookedMember {
  readonly id: string;
  readonly clientId: string;
  readonly host: string;
  readonly partitions: readonly { readonly topic: string; readonly partition: number }[];
}

export interface LookedGroup {
  readonly name: string;
  /** As Kafka says: Stable, PreparingRebalance, CompletingRebalance, Empty, Dead. */
  readonly state: string;
  readonly members: readonly LookedMember[];
}

/** Asks a cluster again and again over one connection, which is made anew after it broke. */
export interface ClusterLook {
  /** The offset that comes next in each partition, by topic; topics that do not exist are left out. */
  ends(topics: readonly string[]): Promise<ReadonlyMap<string, ReadonlyMap<number, number>>>;
  /** In the order asked for; Dead where there is no such group. */
  groups(names: readonly string[]): Promise<readonly LookedGroup[]>;
  /** What a group has committed of a topic; partitions without an offset are left out. */
  committed(group: string, topic: string): Promise<ReadonlyMap<number, number>>;
  close(): Promise<void>;
}

/** Connects with the first question. All of them throw what kafkajs throws when Kafka does not answer. */
export function openClusterLook(kafka: Kafka): ClusterLook {
  let opened: Promise<Admin> | undefined;
  const close = async (): Promise<void> => {
    const opening = opened;
    opened = undefined;
    await (await opening?.catch(() => undefined))?.disconnect().catch(() => undefined);
  };
  const ask = async <T>(question: (admin: Admin) => Promise<T>): Promise<T> => {
    const opening = (opened ??= connect(kafka));
    try {
      return await question(await opening);
    } catch (error) {
      // Another question may have begun a new connection meanwhile; that one stays.
      if (opened === opening) await close();
      throw error;
    }
  };
  return {
    ends: (topics) => ask((admin) => readEnds(admin, topics)),
    groups: (names) => ask((admin) => readGroups(admin, names)),
    committed: (group, topic) => ask((admin) => readCommitted(admin, group, topic)),
    close,
  };
}

async function connect(kafka: Kafka): Promise<Admin> {
  const admin = kafka.admin({ retry: { retries: 1 } });
  try {
    await admin.connect();
    return admin;
  } catch (error) {
    await admin.disconnect().catch(() => undefined);
    throw error;
  }
}

async function readEnds(
  admin: Admin,
  topics: readonly string[],
): Promise<ReadonlyMap<string, ReadonlyMap<number, number>>> {
  const ends = new Map<string, ReadonlyMap<number, number>>();
  for (const topic of topics) {
    const offsets = await admin.fetchTopicOffsets(topic).catch((error: unknown) => {
      if (isUnknownTopic(error)) return undefined;
      throw error;
    });
    if (offsets !== undefined)
      ends.set(topic, new Map(offsets.map(({ partition, high }) => [partition, Number(high)])));
  }
  return ends;
}

async function readGroups(admin: Admin, names: readonly string[]): Promise<readonly LookedGroup[]> {
  const { groups } = await admin.describeGroups([...names]);
  return names.map((name) => {
    const group = groups.find(({ groupId }) => groupId === name);
    return {
      name,
      state: group?.state ?? 'Dead',
      members: (group?.members ?? []).map(({ memberId, clientId, clientHost, memberAssignment }) => ({
        id: memberId,
        clientId,
        host: clientHost.replace(/^\//, ''),
        partitions: partitionsIn(memberAssignment),
      })),
    };
  });
}

/** Empty while the group is still being shared out, and for an assignment of another protocol. */
function partitionsIn(assignment: Buffer): LookedMember['partitions'] {
  if (assignment.length === 0) return [];
  const decoded = kafkajs.AssignerProtocol.MemberAssignment.decode(assignment);
  return Object.entries(decoded?.assignment ?? {}).flatMap(([topic, partitions]) =>
    partitions.map((partition) => ({ topic, partition })),
  );
}

async function readCommitted(
  admin: Admin,
  groupId: string,
  topic: string,
): Promise<ReadonlyMap<number, number>> {
  const [answer] = await admin.fetchOffsets({ groupId, topics: [topic] });
  return new Map(
    (answer?.partitions ?? [])
      .map(({ partition, offset }) => [partition, Number(offset)] as const)
      .filter(([, offset]) => offset >= 0),
  );
}
