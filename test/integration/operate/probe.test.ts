import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { isRunning } from '../../../src/connect/connector-status.ts';
import { registerConnector } from '../../../src/connect/register-connectors.ts';
import type { ProbeResult } from '../../../src/operate/probe/probe-result.ts';
import { silentLog } from '../../../src/platform/log.ts';
import { createPool } from '../../../src/platform/postgres/pool.ts';
import { waitUntil } from '../../../src/platform/wait-until.ts';
import { createOperatedOutbox, type OperatedOutbox } from '../../support/operated-outbox.ts';
import { createTopics } from '../../support/test-topics.ts';

describe('outbox probe', () => {
  let outbox: OperatedOutbox;
  beforeAll(async () => {
    outbox = await createOperatedOutbox();
    const { problem } = await registerConnector(outbox.client, outbox.connector);
    if (problem !== undefined) throw problem;
  });
  afterAll(() => outbox.close());

  const probe = (words: readonly string[] = [], env: Record<string, string> = {}) =>
    outbox.outbox(['probe', '--dir', outbox.folder, ...words], env);
  const probeJson = async (...words: string[]): Promise<ProbeResult & { code: number }> => {
    const { code, stdout, stderr } = await probe(['--json', ...words]);
    if (stdout === '') throw new Error(stderr);
    return { code, ...((JSON.parse(stdout) as ProbeResult[])[0] as ProbeResult) };
  };
  const probeRows = async (): Promise<number> => {
    const { rows } = await outbox.admin.query<{ count: number }>({
      text: `select count(*) from pipeline.outbox where topic = 'pipeline.probe'`,
    });
    return rows[0]?.count ?? -1;
  };
  const isSaidToRun = async (): Promise<boolean> => {
    const status = await outbox.client.status(outbox.connector.name);
    return status !== undefined && isRunning(status);
  };

  test('times a probe at commit, log, Kafka and arrival, and the hops add up', async () => {
    const result = await probeJson();
    expect(result).toMatchObject({ code: 0, arrived: true, connector: outbox.connector.name });
    expect(Object.keys(result.hops)).toEqual(['commit', 'wal', 'kafka', 'arrival']);
    const hops = Object.values(result.hops);
    expect(hops.reduce((sum, ms) => sum + ms, 0)).toBe(result.ageMs);
    expect(hops.filter((ms) => ms < 0)).toEqual([]);
    expect(result.hops[result.slowHop]).toBe(Math.max(...hops));
  });

  test('prints a line with the age and the slow hop', async () => {
    const { code, stdout } = await probe();
    expect(code).toBe(0);
    expect(stdout).toMatch(/^sent +connector +age +commit +wal +kafka +arrival +way +slow\n/);
    expect(stdout).toMatch(
      new RegExp(`${outbox.connector.name} +\\d+ (ms|s) .* (commit|wal|kafka|arrival)\n$`),
    );
  });

  test('is all that the role of the operators can say through the outbox; its sequences go on by one', async () => {
    const ops = createPool({
      connectionString: outbox.database.opsUrl,
      applicationName: 'test',
      log: silentLog,
      max: 1,
    });
    const sequences = async (): Promise<number[]> => {
      const { rows } = await ops.query<{ seq: number }>({
        text: `select key_seq as seq from pipeline.outbox where topic = 'pipeline.probe' and id = event_id order by id`,
      });
      return rows.map(({ seq }) => seq);
    };
    await probeJson();
    const said = await sequences();
    expect(said).toEqual(said.map((_, index) => index + 1));
    for (const text of [
      `insert into pipeline.outbox (event_id, topic, partition_key, key_seq, event_type, aggregate_id, payload, schema_fingerprint, occurred_at)
       values (uuidv7(), 'orders.events', 'a', 1, 'OrderCancelled', 'a', '', '', now())`,
      `insert into pipeline.outbox_keys (topic, key, last_seq) values ('orders.events', 'a', 1)`,
      `update pipeline.outbox_keys set last_seq = 9`,
    ])
      await expect(ops.query({ text })).rejects.toThrow('permission denied');
    await ops.end();
  });

  test('goes on with --every until it is interrupted, and ends at once', async () => {
    const child = outbox.startOutbox(['probe', '--dir', outbox.folder, '--json', '--every', '100ms']);
    const lines: ProbeResult[] = [];
    const reader = createInterface({ input: child.stdout as NodeJS.ReadableStream });
    reader.on('line', (line) => lines.push(JSON.parse(line) as ProbeResult));
    const ended = once(child, 'exit');
    await waitUntil(() => lines.length >= 3, { timeoutMs: 60_000, what: 'three probes' });
    child.kill('SIGINT');
    expect(await ended).toEqual([0, null]);
    expect(lines.every(({ arrived }) => arrived)).toBe(true);
  });

  test('finds a connector that is RUNNING while its publication is empty', async () => {
    await outbox.admin.query({ text: 'alter publication orders_outbox drop table pipeline.outbox' });
    const { code, stdout } = await probe(['--timeout', '3s']);
    expect(await isSaidToRun()).toBe(true);
    expect(code).toBe(1);
    expect(stdout).toMatch(/stuck before (wal|kafka)\n.*[Pp]ublication/);
    await outbox.admin.query({ text: 'alter publication orders_outbox add table pipeline.outbox' });
    expect(await probeJson()).toMatchObject({ code: 0, arrived: true });
  });

  test('finds a connector that is RUNNING while it waits for a topic that is missing, and names the topic', async () => {
    await outbox.append(1, 'before');
    await outbox.admin.query({
      text: `insert into pipeline.outbox (event_id, topic, partition_key, key_seq, event_type, aggregate_id, payload, schema_fingerprint, occurred_at)
             values (uuidv7(), 'nowhere.events', 'a', 1, 'Nothing', 'a', '\\x00', 'f', now())`,
    });
    const { code, ...result } = await probeJson('--timeout', '3s');
    expect(code).toBe(1);
    expect(result).toMatchObject({
      arrived: false,
      slowHop: 'kafka',
      hops: { commit: expect.any(Number) as number },
    });
    expect(result.reason).toContain(`${outbox.topicPrefix}nowhere.events`);
    expect(await isSaidToRun()).toBe(true);
    await createTopics(outbox.topicPrefix, [{ name: 'nowhere.events', partitions: 1 }]);
    expect(await probeJson('--timeout', '30s')).toMatchObject({ code: 0, arrived: true });
  });

  test('says that somebody stopped the connector, and how to go on', async () => {
    await outbox.client.stop(outbox.connector.name);
    await waitUntil(
      async () => (await outbox.client.status(outbox.connector.name))?.connector.state === 'STOPPED',
      {
        timeoutMs: 60_000,
        what: 'the connector to be stopped',
      },
    );
    const result = await probeJson('--timeout', '1s');
    expect(result).toMatchObject({ code: 1, arrived: false, slowHop: 'wal' });
    expect(result.reason).toMatch(/STOPPED/);
    await outbox.client.resume(outbox.connector.name);
    expect(await probeJson('--timeout', '30s')).toMatchObject({ code: 0, arrived: true });
  });

  test('says that the outbox takes no row while somebody locks it', async () => {
    const client = await outbox.admin.connect();
    await client.query('begin; lock table pipeline.outbox in exclusive mode');
    try {
      const result = await probeJson('--timeout', '500ms');
      expect(result).toMatchObject({ code: 1, arrived: false, slowHop: 'commit', hops: {} });
      expect(result.reason).toContain('lock');
    } finally {
      await client.query('rollback');
      client.release();
    }
  });

  test('sends nothing when the topic of probes is missing: the probe would hold up all events', async () => {
    const before = await probeRows();
    const { code, stdout } = await probe([], { TOPIC_PREFIX: 'nobody.' });
    expect(code).toBe(1);
    expect(stdout).toContain('Topic nobody.pipeline.probe does not exist, so no probe was sent.');
    expect(await probeRows()).toBe(before);
  });

  test('exits with 3 when something can not be reached, and with 2 for an unknown name', async () => {
    const [kafka, database, name] = await Promise.all([
      probe([], { KAFKA_BROKERS: '127.0.0.1:9' }),
      probe([], {
        ORDERS_OPS_DATABASE_URL: `postgres://orders_ops:x@127.0.0.1:9/${outbox.database.database}`,
      }),
      // As a process: the exit code is what scripts see.
      outbox.outboxProcess(['probe', '--dir', outbox.folder, 'nobody'], {}),
    ]);
    expect(kafka).toMatchObject({
      code: 3,
      stdout: '',
      stderr: expect.stringMatching(/^Kafka did not answer/) as string,
    });
    expect(database).toMatchObject({
      code: 3,
      stdout: '',
      stderr: expect.stringMatching(/^Database orders_\w+ did not answer/) as string,
    });
    expect(name).toMatchObject({ code: 2, stdout: '' });
  });
});
