import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { registerConnector } from '../../../src/connect/register-connectors.ts';
import { waitUntil } from '../../../src/platform/wait-until.ts';
import { createOperatedOutbox, type OperatedOutbox } from '../../support/operated-outbox.ts';
import { readTopic } from '../../support/read-topic.ts';
import { testKafka } from '../../support/test-stack.ts';

interface Line {
  readonly topic: string;
  readonly partition: number;
  readonly offset: number;
  readonly key: string;
  readonly id: string;
  readonly eventType: string;
  readonly aggregateId: string;
  readonly payload?: Record<string, unknown>;
  readonly undecodable?: string;
  readonly hex?: string;
}

describe('outbox events tail', () => {
  let outbox: OperatedOutbox;
  let ids: string[];
  beforeAll(async () => {
    outbox = await createOperatedOutbox();
    const { problem } = await registerConnector(outbox.client, outbox.connector);
    if (problem !== undefined) throw problem;
    ids = await outbox.append(3, 'ann');
    const topic = `${outbox.topicPrefix}orders.events`;
    await waitUntil(async () => (await readTopic(topic)).length === 3, {
      timeoutMs: 30_000,
      what: 'the events',
    });
  });
  afterAll(() => outbox.close());

  const tail = (words: readonly string[], env: Record<string, string> = {}) =>
    outbox.outbox(['events', 'tail', ...words], env);
  const lines = (stdout: string): Line[] =>
    stdout
      .split('\n')
      .filter((line) => line !== '')
      .map((line) => JSON.parse(line) as Line);
  const started = async (words: readonly string[]) => {
    const child = outbox.startOutbox(['events', 'tail', ...words]);
    const printed = { stdout: '', stderr: '' };
    child.stdout?.on('data', (data: Buffer) => (printed.stdout += data.toString()));
    child.stderr?.on('data', (data: Buffer) => (printed.stderr += data.toString()));
    await waitUntil(() => printed.stderr.includes('Following'), {
      timeoutMs: 60_000,
      what: 'tail to follow',
    });
    return { child, printed };
  };
  const ended = async (child: ChildProcess, signal: NodeJS.Signals): Promise<unknown> => {
    const end = once(child, 'exit');
    child.kill(signal);
    return (await end)[0] as unknown;
  };
  const produce = async (topic: string, value: Buffer | null, headers: Record<string, string> = {}) => {
    const producer = testKafka().producer();
    await producer.connect();
    await producer.send({ topic: outbox.topicPrefix + topic, messages: [{ key: 'x', value, headers }] });
    await producer.disconnect();
  };

  test('shows what is there, decoded, and ends after --limit', async () => {
    const { code, stdout } = await tail(['orders.events', '--from', 'beginning', '--limit', '3', '--json']);
    expect(code).toBe(0);
    const shown = lines(stdout);
    expect(shown.map(({ id }) => id)).toEqual(ids);
    expect(shown[0]).toMatchObject({
      topic: `${outbox.topicPrefix}orders.events`,
      eventType: 'OrderCancelled',
      key: 'ann',
      aggregateId: 'order-0',
      payload: { orderId: 'order-0', customerId: 'ann', totalMinor: 100, lines: [], reason: null },
    });
    expect(shown[0]?.payload?.['placedAt']).toMatch(/^\d{4}-\d\d-\d\dT[\d:.]+Z$/);
  });

  test('prints events for people, from some minutes ago, and finds an order', async () => {
    const { code, stdout } = await tail(['--from', '10m', '--order', 'order-1', '--limit', '1']);
    expect(code).toBe(0);
    expect(stdout).toMatch(
      /^\S+Z {2}OrderCancelled {2}key ann {2}#2 {2}about order-1 {2}\S+orders\.events \d@\d+\n/,
    );
    expect(stdout).toMatch(/^ {2}orderId +order-1$/m);
  });

  test('follows live events through its filters, and ends cleanly on Ctrl-C', async () => {
    const { child, printed } = await started([
      '--json',
      '--key',
      'bob',
      '--type',
      'OrderCancelled,OrderPlaced',
    ]);
    await outbox.append(1, 'ann');
    const [id] = await outbox.append(1, 'bob');
    await waitUntil(() => printed.stdout.includes('\n'), { timeoutMs: 60_000, what: 'the event of bob' });
    expect(lines(printed.stdout).map((line) => line.id)).toEqual([id]);
    const endingAt = Date.now();
    expect(await ended(child, 'SIGINT')).toBe(0);
    expect(Date.now() - endingAt).toBeLessThan(15_000);
  });

  test('shows what it can not decode as hex with the reason, and goes on', async () => {
    const topic = 'orders.events.inventory.parked';
    const { child, printed } = await started([topic, '--json', '--limit', '5']);
    const end = once(child, 'exit');
    const schemaId = (await readTopic(`${outbox.topicPrefix}orders.events`))[0]?.value.readUInt32BE(1) ?? 0;
    const withSchema = (id: number, hex: string): Buffer => {
      const bytes = Buffer.from(`0000000000${hex}`, 'hex');
      bytes.writeUInt32BE(id, 1);
      return bytes;
    };
    await produce(topic, Buffer.from('hello'));
    await produce(topic, withSchema(schemaId, '8080808002'.repeat(4)));
    await produce(topic, withSchema(987_654, ''));
    await produce(topic, withSchema(schemaId, '00'), { schemaFingerprint: 'another' });
    await produce(topic, null);
    expect((await end)[0]).toBe(0);
    const shown = lines(printed.stdout);
    expect(shown.map(({ hex }) => hex?.slice(0, 10))).toEqual([
      '68656c6c6f',
      ...shown.slice(1, 4).map(() => expect.any(String) as string),
      undefined,
    ]);
    expect(shown.map(({ undecodable }) => undecodable)).toEqual([
      expect.stringContaining('not in Confluent wire format') as string,
      expect.stringContaining('The bytes are no shop.orders.OrderCancelled') as string,
      expect.stringContaining('Schema 987654 is not known') as string,
      expect.stringContaining('but the event was written with another') as string,
      undefined,
    ]);
    expect(shown[4]).toMatchObject({ payload: null });
  });

  test('without a registry it shows hex with the reason', async () => {
    const { code, stdout } = await tail(['orders.events', '--from', 'beginning', '--limit', '3', '--json'], {
      REGISTRY_URL: 'http://127.0.0.1:9/apis/ccompat/v7',
    });
    expect(code).toBe(0);
    for (const line of lines(stdout)) {
      expect(line.undecodable).toMatch(/^The schema registry at 127\.0\.0\.1:9 did not answer/);
      expect(line.hex).toMatch(/^00/);
    }
  });

  test('ends without a word when its reader has gone', async () => {
    const shell = `node src/cli/outbox.ts events tail orders.events --from beginning | head -n 1; echo "codes \${PIPESTATUS[0]}"`;
    const child = spawn('bash', ['-c', shell], { env: outbox.env });
    let printed = '';
    let complained = '';
    child.stdout.on('data', (data: Buffer) => (printed += data.toString()));
    child.stderr.on('data', (data: Buffer) => (complained += data.toString()));
    const exit = once(child, 'exit');
    // It notices at its next event.
    await waitUntil(() => printed.includes('\n'), { timeoutMs: 60_000, what: 'the first line' });
    await outbox.append(2, 'carl');
    await exit;
    expect(printed).toMatch(/\ncodes 0\n$/);
    expect(complained.replace(/^Following .*\n/, '')).toBe('');
  });

  test('says that a topic is missing, Kafka away, or an option wrong', async () => {
    const [topic, kafka, option] = await Promise.all([
      tail(['nobody.events']),
      tail([], { KAFKA_BROKERS: '127.0.0.1:9' }),
      tail(['--from', 'yesterday']),
    ]);
    expect(topic).toMatchObject({
      code: 1,
      stdout: '',
      stderr: expect.stringContaining('Topic nobody.events does not exist.') as string,
    });
    expect(kafka).toMatchObject({
      code: 3,
      stdout: '',
      stderr: expect.stringContaining('Kafka did not answer') as string,
    });
    expect(option).toMatchObject({ code: 2, stdout: '' });
  });
});
