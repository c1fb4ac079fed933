/**
 * The one source of versions and settings of the local stack. The embedded stack is started from it; docker-compose.yml is
 * compared with it by test/unit/stack/compose.test.ts. Jar versions live in jars/<name>/pom.xml and are compared there too.
 */

export const versions = {
  postgres: '18',
  kafka: '4.3.1',
  debezium: '3.7.0.Final',
  apicurio: '3.0.9',
} as const;

export type Settings = Readonly<Record<string, string>>;

/** Server settings that the pipeline depends on; passed as `postgres -c name=value`. */
export const postgresSettings: Settings = {
  wal_level: 'logical',
  // A slot whose connector stays away may hold back this much WAL; then it is lost and healed by a re-snapshot. Unlimited
  // (the default, -1) fills the disk and stops every service of the server.
  max_slot_wal_keep_size: '4GB',
  // Postgres 18 can drop idle slots: a weekend without orders is no reason to lose one.
  idle_replication_slot_timeout: '0',
  max_replication_slots: '20',
  max_wal_senders: '20',
  logical_decoding_work_mem: '64MB',
  track_commit_timestamp: 'on',
  max_connections: '200',
  shared_buffers: '256MB',
  max_wal_size: '2GB',
  password_encryption: 'scram-sha-256',
  timezone: 'UTC',
  // Without DETAIL, which quotes rows and so customers; SQLSTATE and message say which rule was broken.
  log_error_verbosity: 'terse',
};

/** How the data folder is made: a password for every connection, the same sort order on every machine. */
export const initdbOptions = ['--encoding=UTF8', '--locale=C.UTF-8', '--auth=scram-sha-256'] as const;

/** Fixed, so that a data folder moved to another checkout is still the same cluster. */
export const clusterId = 'b3V0Ym94LXBpcGVsaW5lMQ';

/** Broker settings that are the same wherever it runs; addresses are added by each stack. */
export function brokerSettings(replicationFactor: number): Settings {
  const copies = String(replicationFactor);
  return {
    'process.roles': 'broker,controller',
    'node.id': '1',
    'controller.listener.names': 'CONTROLLER',
    'inter.broker.listener.name': 'PLAINTEXT',
    // Topics come from the catalogue; a misspelt name must fail, not become a topic.
    'auto.create.topics.enable': 'false',
    'default.replication.factor': copies,
    'offsets.topic.replication.factor': copies,
    'transaction.state.log.replication.factor': copies,
    'share.coordinator.state.topic.replication.factor': copies,
    'min.insync.replicas': copies === '1' ? '1' : '2',
    'transaction.state.log.min.isr': copies === '1' ? '1' : '2',
    'share.coordinator.state.topic.min.isr': copies === '1' ? '1' : '2',
    // 50 partitions each is for clusters; on one broker they only cost start-up time and file handles.
    'offsets.topic.num.partitions': '8',
    'transaction.state.log.num.partitions': '8',
    'share.coordinator.state.topic.num.partitions': '8',
    // After kill -9 a broker is let in again when its former session is over: 9 s by default. Four are enough for a pause of
    // the only broker, which is in the same process as the controller that counts them; of several, it is how long a dead leader is waited for.
    'broker.session.timeout.ms': '4000',
    'broker.heartbeat.interval.ms': '1000',
    // A local group is whole when its first member joins.
    'group.initial.rebalance.delay.ms': '0',
  };
}

/** Only these client settings may be overridden by a connector; everything else (jaas, brokers, ...) is refused. */
export const allowedOverrides = [
  'acks',
  'enable.idempotence',
  'max.in.flight.requests.per.connection',
  'linger.ms',
  'compression.type',
] as const;

export const connectTopicNames = {
  configs: 'connect-configs',
  offsets: 'connect-offsets',
  status: 'connect-status',
} as const;

export interface InternalTopic {
  readonly name: string;
  readonly partitions: number;
  readonly config: Record<string, string>;
}

/** The worker's own topics, made before it starts: compacted, since they are its memory. Configs must have one partition. */
export const connectTopics: readonly InternalTopic[] = [
  { name: connectTopicNames.configs, partitions: 1, config: { 'cleanup.policy': 'compact' } },
  { name: connectTopicNames.offsets, partitions: 25, config: { 'cleanup.policy': 'compact' } },
  { name: connectTopicNames.status, partitions: 5, config: { 'cleanup.policy': 'compact' } },
];

/** Worker settings that are the same wherever it runs; brokers, REST address and plugin path are added by each stack. */
export function workerSettings(replicationFactor: number): Settings {
  const copies = String(replicationFactor);
  return {
    'group.id': 'connect',
    'config.storage.topic': connectTopicNames.configs,
    'offset.storage.topic': connectTopicNames.offsets,
    'status.storage.topic': connectTopicNames.status,
    'config.storage.replication.factor': copies,
    'offset.storage.replication.factor': copies,
    'status.storage.replication.factor': copies,
    'key.converter': 'org.apache.kafka.connect.storage.StringConverter',
    'value.converter': 'org.apache.kafka.connect.json.JsonConverter',
    'value.converter.schemas.enable': 'false',
    // The slot moves on only when offsets are flushed: 60 s (the default) holds back WAL and repeats a minute after a crash.
    'offset.flush.interval.ms': '5000',
    // How long a lost worker's tasks wait for it to come back before others take them: 5 minutes by default, and all of it even
    // if the worker is back earlier. A connector here is one task that moves within seconds, so there is nothing to wait for.
    'scheduled.rebalance.max.delay.ms': '0',
    'topic.creation.enable': 'false',
    // Passwords reach a connector as ${env:CDC_...}; nothing else of the worker's environment can be read through one.
    'config.providers': 'env',
    'config.providers.env.class': 'org.apache.kafka.common.config.provider.EnvVarConfigProvider',
    'config.providers.env.param.allowlist.pattern': '^CDC_.*',
    'connector.client.config.override.policy': 'Allowlist',
    'connector.client.config.override.allowlist': allowedOverrides.join(','),
    // Plugins are taken from their service files alone: half a second quicker than a scan of all classes.
    'plugin.discovery': 'service_load',
  };
}

/**
 * Kafka makes the `config.providers` that any config brings along. A connector with a file provider of its own would read every file
 * that the worker can, past the worker's allow-list; the worker's own providers are not meant by this.
 */
export const workerJvmOptions = ['-Dorg.apache.kafka.automatic.config.providers=none'] as const;

/** Registry settings, as the environment variables that its image and its jar both read. */
export const registrySettings: Settings = {
  APICURIO_STORAGE_KIND: 'sql',
  APICURIO_STORAGE_SQL_KIND: 'postgresql',
  APICURIO_DATASOURCE_USERNAME: 'registry',
};

/**
 * JVM options. The whole stack stays under 2 GiB: heap is about half of what a JVM holds. The serial collector has the
 * smallest footprint and is the quickest on two cores. The registry answers a few requests a minute, so the quick compiler
 * is enough for it; broker and worker carry the load and keep the optimising one.
 */
export const jvmOptions = {
  kafka: ['-Xms192m', '-Xmx384m', '-XX:+UseSerialGC'],
  // Of several on one machine each has less to do, and all of them start at the same time: small heaps, the quick compiler.
  kafkaOfSeveral: ['-Xms128m', '-Xmx256m', '-XX:+UseSerialGC', '-XX:TieredStopAtLevel=1'],
  connectOfSeveral: ['-Xms128m', '-Xmx384m', '-XX:+UseSerialGC', '-XX:TieredStopAtLevel=1'],
  connect: ['-Xms192m', '-Xmx512m', '-XX:+UseSerialGC'],
  registry: ['-Xms64m', '-Xmx192m', '-XX:+UseSerialGC', '-XX:TieredStopAtLevel=1'],
} as const;

/** Properties file text; keys sorted so that two renderings of one setting are equal. */
export function renderProperties(settings: Settings): string {
  const escape = (value: string): string => value.replaceAll('\\', '\\\\').replaceAll('\n', '\\n');
  return Object.entries(settings)
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([key, value]) => `${key}=${escape(value)}\n`)
    .join('');
}
