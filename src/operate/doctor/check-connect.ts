import type {
  ConnectClient,
  ConnectPlugin,
  ConnectWorker,
  KeyVerdict,
} from '../../connect/connect-client.ts';
import type { ConnectorConfig } from '../../connect/connector-file.ts';
import { wrongReferences } from '../../connect/secret-references.ts';
import { PipelineError } from '../../platform/errors.ts';
import type { Topic } from '../../platform/kafka/read-cluster.ts';
import { listed } from './in-words.ts';
import { ok, problem, skipped, warning, wrongOr, type Judgement } from './judgement.ts';

const DEBEZIUM_CLASS = 'io.debezium.connector.postgresql.PostgresConnector';
/** The one that everything here is tested with (scripts/stack/settings.ts). */
const TESTED_DEBEZIUM = '3.7.0.Final';

export function judgeWorker({ version }: ConnectWorker): Judgement {
  if (isAtLeast(version, [3, 7])) return ok(`Kafka Connect ${version}`);
  return problem(
    `The worker is Kafka Connect ${version}, which can not create a connector that is stopped.`,
    'Upgrade the worker to Kafka 3.7 or later.',
  );
}

export function judgeDebezium(plugins: readonly ConnectPlugin[]): Judgement {
  const plugin = plugins.find((candidate) => candidate.class === DEBEZIUM_CLASS);
  if (plugin === undefined)
    return problem(
      'The worker has no Debezium connector for Postgres.',
      `Put Debezium ${TESTED_DEBEZIUM} into a folder of the worker's plugin.path and restart the worker.`,
    );
  const version = plugin.version ?? 'of an unknown version';
  if (version === TESTED_DEBEZIUM) return ok(`Debezium ${version}`);
  if (!isAtLeast(version, [3, 7]))
    return problem(
      `Debezium ${version} can lose events when it restarts.`,
      `Put Debezium ${TESTED_DEBEZIUM} in its place and restart the worker.`,
    );
  return warning(
    `Debezium is ${version}; this pipeline is tested with ${TESTED_DEBEZIUM}.`,
    'Run the tests against it (CONTRIBUTING.md) before you rely on it.',
  );
}

export function isAtLeast(version: string, [major, minor]: readonly [number, number]): boolean {
  const [, first = '0', second = '0'] = /^(\d+)\.(\d+)/.exec(version) ?? [];
  return Number(first) > major || (Number(first) === major && Number(second) >= minor);
}

/** What a process always has in its environment, and nobody minds in the worker's log. */
const HARMLESS = ['PATH', 'HOME', 'LANG'];

/**
 * Which variables of the worker a connector can read. Nothing is created: Connect resolves the references while it validates, and
 * says the value where a number should have been, so that a reference that is still one was not let through.
 */
export async function judgeAllowList(connect: ConnectClient): Promise<Judgement> {
  const asked = HARMLESS.map((name) => `\${env:${name}}`).join(' ');
  return judgeResolved(
    await connect.validate({ 'connector.class': DEBEZIUM_CLASS, name: 'doctor', 'tasks.max': asked }),
  );
}

export function judgeResolved(verdicts: readonly KeyVerdict[]): Judgement {
  const said = verdicts.find(({ key }) => key === 'tasks.max')?.errors.join(' ');
  if (said === undefined || said === '')
    return skipped('this worker does not say which references it resolves');
  const readable = HARMLESS.filter((name) => !said.includes(`\${env:${name}}`));
  if (readable.length === 0) return ok(`connectors can not read ${listed(HARMLESS)} of the worker`);
  return problem(
    `A connector can read ${listed(readable)} of the worker's environment, so all other secrets in it too.`,
    'Set config.providers.env.param.allowlist.pattern=^CDC_.* and restart the worker.',
  );
}

/**
 * Whether a connector can bring a config provider of its own, past the allow-list. Nothing is created; the provider that is asked for
 * would read nothing.
 */
export async function judgeOwnProviders(connect: ConnectClient): Promise<Judgement> {
  const asked = {
    ...{ 'connector.class': DEBEZIUM_CLASS, name: 'doctor', 'config.providers': 'own' },
    'config.providers.own.class': 'org.apache.kafka.common.config.provider.EnvVarConfigProvider',
  };
  try {
    await connect.validate(asked);
  } catch (error) {
    if (error instanceof PipelineError && error.message.includes(AUTOMATIC_PROVIDERS))
      return ok('connectors can not bring config providers of their own');
    throw error;
  }
  return problem(
    "A connector can bring a config provider of its own, and read the worker's files and all of its environment.",
    `Start the worker with KAFKA_OPTS=-D${AUTOMATIC_PROVIDERS}=none.`,
  );
}

const AUTOMATIC_PROVIDERS = 'org.apache.kafka.automatic.config.providers';

/** The worker's memory: its topics, named by the environment or as most set-ups do. */
export interface InternalTopics {
  readonly configs: string;
  readonly offsets: string;
  readonly status: string;
}

export function judgeSameKafka({ kafkaClusterId }: ConnectWorker, clusterId: string): Judgement {
  if (kafkaClusterId === clusterId) return ok('the worker writes into the Kafka of KAFKA_BROKERS');
  return problem(
    `The worker writes into another Kafka (cluster ${kafkaClusterId}) than KAFKA_BROKERS names (${clusterId}).`,
    'Mend bootstrap.servers of the worker, or KAFKA_BROKERS, or CONNECT_URL.',
  );
}

export function judgeInternalTopics(
  names: InternalTopics,
  topics: ReadonlyMap<string, Topic>,
  brokers: number,
): Judgement[] {
  const judged = Object.entries(names).flatMap(([what, name]) =>
    judgeInternalTopic(what, name as string, topics.get(name as string), brokers),
  );
  return wrongOr(
    judged,
    `${listed(Object.values(names))} are compacted${brokers === 1 ? '' : ' and copied'}`,
  );
}

function judgeInternalTopic(
  what: string,
  name: string,
  topic: Topic | undefined,
  brokers: number,
): Judgement[] {
  if (topic === undefined)
    return [
      warning(
        `There is no topic ${name}: the worker keeps its ${what} elsewhere, so they can not be looked at.`,
        `Set CONNECT_${what.toUpperCase()}_TOPIC to what the worker's ${settingOf(what)} says.`,
      ),
    ];
  const copies = Math.min(...topic.partitions.map(({ replicas }) => replicas));
  return [
    ...(topic.settings['cleanup.policy'] === 'compact'
      ? []
      : [
          problem(
            `${name}: cleanup.policy is ${topic.settings['cleanup.policy'] ?? 'not known'}: the worker forgets ${what === 'offsets' ? 'where its connectors stand' : `its ${what}`} after a while.`,
            `kafka-configs --alter --entity-type topics --entity-name ${name} --add-config cleanup.policy=compact`,
          ),
        ]),
    ...(what === 'configs' && topic.partitions.length !== 1
      ? [
          problem(
            `${name} has ${topic.partitions.length} partitions: the worker reads its configs out of order.`,
            'Make it anew with one partition, the worker stopped.',
          ),
        ]
      : []),
    ...(copies === 1 && brokers > 1
      ? [
          warning(
            `${name} has one copy although there are ${brokers} brokers: with a broker the worker loses its ${what}.`,
            'Give it three: kafka-reassign-partitions.',
          ),
        ]
      : []),
  ];
}

const settingOf = (what: string): string =>
  `${what === 'configs' ? 'config' : what === 'offsets' ? 'offset' : 'status'}.storage.topic`;

/** The worker's allow-list lets nothing but `${env:CDC_…}` through, and a secret in another key than that for it would be shown. */
export function judgeReferences(files: readonly { name: string; config: ConnectorConfig }[]): Judgement[] {
  const wrong = files.flatMap(({ name, config }) => {
    return wrongReferences(config).map(({ key, message }) =>
      problem(
        `${name}: ${key} ${message}.`,
        `Name it \${env:CDC_…} in connectors/${name}.json and CDC_… in the worker's environment.`,
      ),
    );
  });
  return wrongOr(wrong, 'connector files refer to CDC_… only');
}
