export interface TopicSpec {
  readonly name: string;
  readonly partitions: number;
  /** Topic settings as Kafka names them, e.g. `retention.ms`. */
  readonly config: Readonly<Record<string, string>>;
}

/** A topic as the cluster has it. */
export interface ExistingTopic {
  readonly name: string;
  readonly partitions: number;
  /** Of the partition that has fewest. */
  readonly replicationFactor: number;
  /** What holds for it, the broker's defaults included. */
  readonly settings: Readonly<Record<string, string>>;
  /** What was set on the topic itself. */
  readonly own: Readonly<Record<string, string>>;
}

export interface Change<Value> {
  readonly from: Value;
  readonly to: Value;
}

export interface PlannedTopic {
  readonly spec: TopicSpec;
  readonly isMissing: boolean;
  /** Declared settings that are otherwise; `from` is empty where the broker knows no such setting. */
  readonly settings: readonly ({ readonly name: string } & Change<string>)[];
  readonly partitions: Change<number> | undefined;
  readonly replicationFactor: Change<number> | undefined;
  /** What somebody set on the topic beyond the catalogue; it stays. */
  readonly kept: Readonly<Record<string, string>>;
}

/** What `applyTopics` would do. */
export function planTopics(
  specs: readonly TopicSpec[],
  existing: readonly ExistingTopic[],
  replicationFactor: number,
): PlannedTopic[] {
  const byName = new Map(existing.map((topic) => [topic.name, topic]));
  return specs.map((spec) => planTopic(spec, byName.get(spec.name), replicationFactor));
}

function planTopic(
  spec: TopicSpec,
  topic: ExistingTopic | undefined,
  replicationFactor: number,
): PlannedTopic {
  if (topic === undefined) {
    return {
      spec,
      isMissing: true,
      settings: [],
      partitions: undefined,
      replicationFactor: undefined,
      kept: {},
    };
  }
  return {
    spec,
    isMissing: false,
    settings: Object.entries(spec.config)
      .filter(([name, value]) => topic.settings[name] !== value)
      .map(([name, to]) => ({ name, from: topic.settings[name] ?? '', to })),
    partitions: changeOf(topic.partitions, spec.partitions),
    replicationFactor: changeOf(topic.replicationFactor, replicationFactor),
    kept: Object.fromEntries(Object.entries(topic.own).filter(([name]) => !(name in spec.config))),
  };
}

const changeOf = (from: number, to: number): Change<number> | undefined =>
  from === to ? undefined : { from, to };

/** What apply never does: take partitions away, move copies. */
export const isOutOfReach = ({ partitions, replicationFactor }: PlannedTopic): boolean =>
  replicationFactor !== undefined || (partitions !== undefined && partitions.from > partitions.to);

export const topicHasWork = ({ isMissing, settings, partitions, replicationFactor }: PlannedTopic): boolean =>
  isMissing || settings.length > 0 || partitions !== undefined || replicationFactor !== undefined;

/**
 * Topics that look like ours, but that the catalogue does not declare. With a prefix, all that begin with it; without, a cluster may
 * be shared, so only those that share the first word with a declared one (`orders.old` beside `orders.events`).
 */
export function undeclaredTopics(
  names: readonly string[],
  specs: readonly TopicSpec[],
  topicPrefix: string,
): string[] {
  const declared = new Set(specs.map(({ name }) => name));
  const families = [...new Set(specs.map(({ name }) => `${name.split('.')[0] ?? name}.`))];
  const isOurs = (name: string): boolean =>
    topicPrefix === '' ? families.some((family) => name.startsWith(family)) : name.startsWith(topicPrefix);
  return names.filter((name) => isOurs(name) && !declared.has(name)).sort();
}
