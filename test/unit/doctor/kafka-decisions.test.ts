import {
  isAtLeast,
  judgeDebezium,
  judgeInternalTopics,
  judgeOwnProviders,
  judgeReferences,
  judgeResolved,
  judgeSameKafka,
  judgeWorker,
} from '../../../src/operate/doctor/check-connect.ts';
import { judgeFindings, judgePlan } from '../../../src/operate/doctor/check-connectors.ts';
import {
  judgeAutoCreate,
  judgeBrokerMessageBytes,
  judgeUncleanElection,
} from '../../../src/operate/doctor/check-brokers.ts';
import { judgeCopies, judgeHeartbeats } from '../../../src/operate/doctor/check-topics.ts';
import type { ConnectClient, KeyVerdict } from '../../../src/connect/connect-client.ts';
import type { ConnectorPlan } from '../../../src/connect/connector-plan.ts';
import type { Broker, Topic } from '../../../src/platform/kafka/read-cluster.ts';

const topic = (name: string, replicas: number, settings: Record<string, string> = {}): Topic => ({
  name,
  settings: { 'cleanup.policy': 'compact', ...settings },
  partitions: [{ partition: 0, replicas, inSync: replicas, hasLeader: true }],
});
const broker = (id: number, settings: Record<string, string> = {}): Broker => ({
  id,
  address: `kafka-${id}:9092`,
  settings: {
    'auto.create.topics.enable': 'false',
    'unclean.leader.election.enable': 'false',
    'message.max.bytes': '1048588',
    ...settings,
  },
});

describe('brokers', () => {
  test('set as they should be', () => {
    const brokers = [broker(1), broker(2)];
    for (const judge of [judgeAutoCreate, judgeUncleanElection, judgeBrokerMessageBytes])
      expect(judge(brokers).verdict).toBe('ok');
  });
  test('one that creates topics, elects uncleanly, takes small records only', () => {
    const brokers = [
      broker(1),
      broker(2, {
        'auto.create.topics.enable': 'true',
        'unclean.leader.election.enable': 'true',
        'message.max.bytes': '900000',
      }),
    ];
    expect(judgeAutoCreate(brokers)).toMatchObject({ verdict: 'warning' });
    expect(judgeAutoCreate(brokers).sentence).toMatch(/^Broker 2 creates/);
    expect(judgeUncleanElection(brokers).verdict).toBe('problem');
    expect(judgeBrokerMessageBytes(brokers).verdict).toBe('warning');
  });
});

test.each<[string, Topic, number, string[]]>([
  ['one copy on one broker', topic('a', 1), 1, ['ok']],
  ['one copy on three brokers', topic('a', 1), 3, ['warning']],
  ['three copies, two in sync', topic('a', 3, { 'min.insync.replicas': '2' }), 3, ['ok']],
  ['three copies, one in sync', topic('a', 3, { 'min.insync.replicas': '1' }), 3, ['warning']],
  [
    'a copy behind',
    {
      ...topic('a', 3, { 'min.insync.replicas': '2' }),
      partitions: [{ partition: 0, replicas: 3, inSync: 2, hasLeader: true }],
    },
    3,
    ['warning'],
  ],
  [
    'two copies away',
    {
      ...topic('a', 3, { 'min.insync.replicas': '2' }),
      partitions: [{ partition: 0, replicas: 3, inSync: 1, hasLeader: true }],
    },
    3,
    ['problem'],
  ],
  [
    'no leader',
    {
      ...topic('a', 3, { 'min.insync.replicas': '2' }),
      partitions: [{ partition: 0, replicas: 3, inSync: 2, hasLeader: false }],
    },
    3,
    ['problem', 'warning'],
  ],
])('%s', (_what, one, brokers, verdicts) => {
  expect(judgeCopies([one], brokers).map(({ verdict }) => verdict)).toEqual(verdicts);
});

describe('the worker', () => {
  test.each([
    ['4.3.1', 'ok'],
    ['3.7.0', 'ok'],
    ['3.6.2', 'problem'],
  ])('Kafka Connect %s: %s', (version, verdict) => {
    expect(judgeWorker({ version, kafkaClusterId: 'a' }).verdict).toBe(verdict);
  });

  test.each([
    ['3.7.0.Final', 'ok'],
    ['3.7.2.Final', 'warning'],
    ['4.0.0.Final', 'warning'],
    ['3.6.2.Final', 'problem'],
    ['2.7.4.Final', 'problem'],
  ])('Debezium %s: %s', (version, verdict) => {
    const plugin = { class: 'io.debezium.connector.postgresql.PostgresConnector', type: 'source', version };
    expect(judgeDebezium([plugin]).verdict).toBe(verdict);
  });
  test('no Debezium', () => expect(judgeDebezium([]).verdict).toBe('problem'));

  test('versions compare by number', () => {
    expect(isAtLeast('3.10.0', [3, 7])).toBe(true);
    expect(isAtLeast('10.0', [3, 7])).toBe(true);
    expect(isAtLeast('3.6.9', [3, 7])).toBe(false);
    expect(isAtLeast('unknown', [3, 7])).toBe(false);
  });

  test('a reference that came back as it was sent was not resolved; a value is never repeated', () => {
    const verdict = (
      error: string,
    ): { key: string; errors: string[]; defaultValue: undefined; declared: true } => ({
      key: 'tasks.max',
      errors: [error],
      defaultValue: undefined,
      declared: true,
    });
    const said = 'Invalid value ${env:PATH} ${env:HOME} ${env:LANG} for configuration tasks.max';
    expect(judgeResolved([verdict(said)]).verdict).toBe('ok');
    const leaked = judgeResolved([verdict(said.replace('${env:HOME}', '/home/secret'))]);
    expect(leaked.verdict).toBe('problem');
    expect(leaked.sentence).toMatch(/^A connector can read HOME of/);
    expect(JSON.stringify(leaked)).not.toContain('/home/secret');
    expect(judgeResolved([]).verdict).toBe('skipped');
  });

  test('a worker that takes a config with a provider of its own would read its files for it', async () => {
    const judge = (answer: Promise<KeyVerdict[]>) =>
      judgeOwnProviders({ validate: () => answer } as unknown as ConnectClient);
    expect(await judge(Promise.resolve([]))).toMatchObject({
      verdict: 'problem',
      remedy: expect.stringContaining('org.apache.kafka.automatic.config.providers=none') as string,
    });
    await expect(judge(Promise.reject(new Error('away')))).rejects.toThrow('away');
  });

  test('connector files may refer to CDC_… only, and to a secret where it stays one', () => {
    const judge = (config: Record<string, string>) => judgeReferences([{ name: 'a', config }]);
    expect(judge({ 'database.user': '${env:HOME}', 'database.password': '${file:/etc/p:p}' })).toMatchObject([
      {
        verdict: 'problem',
        sentence: 'a: database.user refers to ${env:HOME}: the worker fills in ${env:CDC_…} alone.',
      },
      { verdict: 'problem', sentence: expect.stringContaining('${file:/etc/p:p}') as string },
    ]);
    expect(judge({ 'tasks.max': '${env:CDC_DB_PASSWORD}' })).toMatchObject([{ verdict: 'problem' }]);
    const good = { 'database.hostname': '${env:CDC_HOST}', 'database.password': '${env:CDC_PASSWORD}' };
    expect(judge(good)[0]?.verdict).toBe('ok');
  });

  test('it must write into our Kafka', () => {
    expect(judgeSameKafka({ version: '4.3.1', kafkaClusterId: 'a' }, 'a').verdict).toBe('ok');
    expect(judgeSameKafka({ version: '4.3.1', kafkaClusterId: 'b' }, 'a').verdict).toBe('problem');
  });

  test('its topics must be compacted, its configs in one partition, and copied where there are brokers to', () => {
    const names = { configs: 'c', offsets: 'o', status: 's' };
    const judge = (topics: Topic[], brokers: number): string[] =>
      judgeInternalTopics(names, new Map(topics.map((one) => [one.name, one])), brokers).map(
        ({ verdict, sentence }) => `${verdict}: ${sentence}`,
      );
    const good = [topic('c', 1), topic('o', 1), topic('s', 1)];
    expect(judge(good, 1)).toEqual(['ok: c, o and s are compacted']);
    expect(judge(good, 3)).toHaveLength(3);
    expect(judge([topic('c', 1), topic('o', 1, { 'cleanup.policy': 'delete' }), topic('s', 1)], 1)).toEqual([
      'problem: o: cleanup.policy is delete: the worker forgets where its connectors stand after a while.',
    ]);
    expect(judge([topic('c', 1), topic('o', 1)], 1)).toEqual([
      'warning: There is no topic s: the worker keeps its status elsewhere, so they can not be looked at.',
    ]);
    const partition = { partition: 0, replicas: 1, inSync: 1, hasLeader: true };
    const two = { ...topic('c', 1), partitions: [partition, partition] };
    expect(judge([two, topic('o', 1), topic('s', 1)], 1)).toEqual([
      'problem: c has 2 partitions: the worker reads its configs out of order.',
    ]);
  });
});

describe('a connector', () => {
  const part = { state: 'RUNNING', worker_id: 'w' };
  const running = { name: 'a', connector: part, tasks: [{ ...part, id: 0 }] };

  test('runs, is on its way, has findings', () => {
    expect(judgeFindings('a', [], running)).toMatchObject([{ verdict: 'ok' }]);
    expect(judgeFindings('a', [], { ...running, tasks: [] })).toMatchObject([{ verdict: 'warning' }]);
    expect(
      judgeFindings('a', [{ code: 'slot_ahead', sentence: 'It is ahead.', mend: 'resnapshot' }], running),
    ).toMatchObject([
      { verdict: 'problem', sentence: 'a: It is ahead.', remedy: 'Run: npx outbox connectors heal a' },
    ]);
    expect(
      judgeFindings('a', [{ code: 'connector_missing', sentence: 'x', mend: 'none' }], undefined),
    ).toMatchObject([{ sentence: 'a is not registered.', remedy: 'Run: npx outbox connectors apply a' }]);
    const stopped = { ...running, connector: { ...part, state: 'STOPPED' } };
    expect(judgeFindings('a', [{ code: 'held_back', sentence: 'x', mend: 'none' }], stopped)).toMatchObject([
      { sentence: 'a is STOPPED: somebody told it to be.' },
    ]);
    // The slot's own line says it.
    expect(
      judgeFindings('a', [{ code: 'slot_lost', sentence: 'x', mend: 'resnapshot' }], running, ['slot_lost']),
    ).toEqual([]);
  });

  test('differs from its file, or has a file that must not be applied', () => {
    const plan = { name: 'a', step: 'nothing' as const, changes: [], problems: [] };
    const change = (key: string, from: string, to: string): ConnectorPlan['changes'][number] => ({
      key,
      from,
      to,
      danger: { class: 'harmless' },
    });
    expect(judgePlan(plan)).toMatchObject([{ verdict: 'ok' }]);
    expect(judgePlan({ ...plan, step: 'create', changes: [change('x', '2', '1')] })).toEqual([]);
    const changes = [change('x', '2', '1'), change('y', 'a', 'b')];
    expect(judgePlan({ ...plan, step: 'update', changes })).toMatchObject([
      { verdict: 'warning', sentence: 'a is not as its file says: x 2 → 1 and 1 more.' },
    ]);
    const dangerous = { class: 'dangerous', harm: 'loss', because: 'it is' } as const;
    expect(
      judgePlan({
        ...plan,
        step: 'update',
        changes: [...changes, { ...change('z', 'c', 'd'), danger: dangerous }],
      }),
    ).toMatchObject([{ sentence: 'a is not as its file says: z c → d and 2 more (dangerous).' }]);
    const secret = judgePlan({
      ...plan,
      step: 'update',
      changes: [change('database.password', 'old', 'new')],
    });
    expect(JSON.stringify(secret)).not.toMatch(/old|new/);
    expect(
      judgePlan({ ...plan, problems: [{ key: 'slot.nmae', message: 'is known to no plugin' }] }),
    ).toMatchObject([
      { verdict: 'problem', sentence: 'connectors/a.json: slot.nmae is known to no plugin.' },
    ]);
  });

  test('without a heartbeat, or without its topic', () => {
    const connector = (config: Record<string, string>): Parameters<typeof judgeHeartbeats>[0][number] => ({
      file: { name: 'a', config: { 'topic.prefix': 'orders', ...config } },
      service: undefined,
    });
    const beating = connector({ 'heartbeat.interval.ms': '1000' });
    const name = '__debezium-heartbeat.orders';
    expect(judgeHeartbeats([beating], new Map([[name, topic(name, 1)]]))).toMatchObject([{ verdict: 'ok' }]);
    expect(judgeHeartbeats([beating], new Map())).toMatchObject([{ verdict: 'problem' }]);
    expect(judgeHeartbeats([connector({})], new Map())).toMatchObject([{ verdict: 'warning' }]);
  });
});
