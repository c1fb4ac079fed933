import { outboxPattern } from '../../../src/connect/connector-for-environment.ts';
import { dropReplicationSlot } from '../../../src/connect/replication-slot.ts';
import { readTopicToEnd } from '../../../src/platform/kafka/follow-topics.ts';
import { applyTopics } from '../../../src/platform/kafka/topic-admin.ts';
import { silentLog } from '../../../src/platform/log.ts';
import { waitUntil } from '../../../src/platform/wait-until.ts';
import { createOperatedOutbox, type OperatedOutbox } from '../../support/operated-outbox.ts';
import { testKafka } from '../../support/test-stack.ts';
import { whileRebalancing } from './while-rebalancing.ts';

interface Applied {
  readonly action: string;
  readonly notes: string[];
  readonly probe?: { arrived: boolean };
  readonly problem?: { code: string; message: string; remedy: string };
}

describe('a dangerous change and the way back', () => {
  let outbox: OperatedOutbox;
  let name: string;
  let slot: string;
  /** What apply must not lose, in the order of its commits. */
  const said: string[] = [];

  beforeAll(async () => {
    outbox = await createOperatedOutbox();
    ({ slot } = outbox);
    ({ name } = outbox.connector);
  });
  afterAll(async () => {
    await outbox.client.delete(name);
    await dropReplicationSlot(outbox.admin, `${slot}_other`, { timeoutMs: 20_000 });
    await outbox.close();
  });

  const apply = async (...words: string[]): Promise<Applied & { code: number }> => {
    const ended = await outbox.outbox(['connectors', 'apply', name, '--json', ...words]);
    if (ended.stdout === '') throw new Error(ended.stderr);
    const [applied] = JSON.parse(ended.stdout) as [Applied];
    return { code: ended.code, ...applied };
  };
  const accepted = (): ReturnType<typeof apply> => apply('--accept-danger', name);
  const say = async (count: number): Promise<void> => {
    said.push(...(await outbox.append(count)));
  };
  /** Event ids in the order in which Kafka has them: one key, so one partition. */
  const heard = async (): Promise<string[]> =>
    (await readTopicToEnd(testKafka(), `${outbox.topicPrefix}orders.events`)).map(
      ({ headers }) => headers['id'] ?? '',
    );
  const waitForAll = (what: string): Promise<string[]> =>
    waitUntil(
      async () => {
        const ids = await heard();
        return said.every((id) => ids.includes(id)) ? ids : undefined;
      },
      { timeoutMs: 30_000, what },
    );
  const config = async (key: string): Promise<string | undefined> =>
    (await outbox.client.config(name))?.[key];

  test('another slot is refused until somebody says that it is meant', async () => {
    expect(await apply()).toMatchObject({ code: 0, action: 'created' });
    await say(3);
    await waitForAll('the first events');
    outbox.writeFile({ 'slot.name': `${slot}_other` });
    const refused = await apply();
    expect(refused).toMatchObject({ code: 1, action: 'refused', problem: { code: 'connector_dangerous' } });
    expect(refused.problem?.message).toContain('slot.name (duplicates)');
    expect(await config('slot.name')).toBe(slot);
    const other = await outbox.outbox(['connectors', 'apply', name, '--accept-danger', 'somebody-else']);
    expect(other.code).toBe(2);
  });

  test('then all retained rows are said again, in the order of their ids, with those that come meanwhile', async () => {
    const { result, conflicts } = await whileRebalancing(outbox, async () => {
      const applying = accepted();
      for (let round = 0; round < 5; round++) await say(2);
      return applying;
    });
    expect(result).toMatchObject({ code: 0, action: 'updated', probe: { arrived: true } });
    expect(conflicts).toBeGreaterThan(0);
    expect(result.notes).toEqual([
      expect.stringContaining(`outbox connectors rollback ${name}`) as string,
      expect.stringContaining('begins anew') as string,
      expect.stringContaining(`pg_drop_replication_slot('${slot}')`) as string,
    ]);
    const ids = await waitForAll('what was said while the slot changed');
    // The second telling, whole and in order.
    expect(ids.slice(-said.length)).toEqual(said);
    expect(ids.filter((id) => id === said[0])).toHaveLength(2);
    expect(await outbox.outbox(['connectors', 'plan', name])).toMatchObject({ code: 0 });
  });

  test('rollback brings settings and offset back: what was said since is said again', async () => {
    const list = await outbox.outbox(['connectors', 'rollback', name, '--list', '--json']);
    expect(JSON.parse(list.stdout)).toMatchObject([
      { connector: name, reason: 'apply: slot.name', config: { 'slot.name': slot } },
    ]);
    const back = await outbox.outbox(['connectors', 'rollback', name, '--json']);
    expect(back.code).toBe(0);
    expect(JSON.parse(back.stdout)).toMatchObject({ name, running: true, probe: { arrived: true } });
    expect(await config('slot.name')).toBe(slot);
    await say(1);
    const ids = await waitForAll('an event after the rollback');
    expect(ids.filter((id) => id === said[0])).toHaveLength(2);
    expect(ids.at(-1)).toBe(said.at(-1));
    expect(await outbox.outbox(['connectors', 'plan', name])).toMatchObject({ code: 1 });
  });

  test('rollback is refused when the slot has moved on beyond the saved offset', async () => {
    const back = await outbox.outbox(['connectors', 'rollback', name]);
    expect(back).toMatchObject({ code: 1 });
    // At once, or only when it has been stopped and its slot stands still: then it goes on and tells so.
    const told = `${back.stdout} ${back.stderr}`.replaceAll(/\s+/g, ' ');
    expect(told).toMatch(/has moved on beyond the saved offset.*apply .* --accept-danger/);
    await waitUntil(async () => (await outbox.client.status(name))?.connector.state === 'RUNNING', {
      timeoutMs: 20_000,
      what: 'the connector to run as before',
    });
  });

  test('another topic.prefix takes the offset along, and nothing is said twice', async () => {
    await waitForAll('all events');
    const before = await heard();
    const server = `${outbox.connector.config['topic.prefix'] ?? ''}x`;
    const topic = { name: `${outbox.topicPrefix}__debezium-heartbeat.${server}`, partitions: 1, config: {} };
    await applyTopics(testKafka(), [topic], { replicationFactor: 1, log: silentLog });
    outbox.writeFile({
      'topic.prefix': server,
      'predicates.isOutbox.pattern': outboxPattern(server, 'pipeline.outbox'),
    });
    const applying = accepted();
    await say(2);
    expect(await applying).toMatchObject({ code: 0, probe: { arrived: true } });
    await say(2);
    const ids = await waitForAll('what was said while topic.prefix changed');
    expect(ids).toEqual([...before, ...said.slice(-4)]);
    const offsets = await outbox.client.offsets(name);
    expect(offsets.map(({ partition }) => partition)).toEqual([{ server }]);
  });

  test('another publication begins anew with a new slot, since it does not have what was written before it was made', async () => {
    await outbox.admin.query({
      text: `create publication later_outbox for table pipeline.outbox with (publish = 'insert', publish_via_partition_root = true)`,
    });
    const known = await heard();
    const current = (await outbox.client.config(name)) ?? {};
    outbox.writeFile({
      ...current,
      name: undefined,
      'publication.name': 'later_outbox',
      'topic.heartbeat.prefix': '__debezium-heartbeat',
      'transforms.outbox.route.topic.replacement': '${routedByValue}',
    });
    expect(await accepted()).toMatchObject({ code: 0, probe: { arrived: true } });
    await say(1);
    const ids = await waitForAll('an event of the new publication');
    expect(ids.slice(known.length)).toEqual(said);
  });

  test('a publication that does not exist is refused before anything is touched, whatever is accepted', async () => {
    const current = (await outbox.client.config(name)) ?? {};
    outbox.writeFile({
      ...current,
      name: undefined,
      'publication.name': 'nowhere',
      'topic.heartbeat.prefix': '__debezium-heartbeat',
      'transforms.outbox.route.topic.replacement': '${routedByValue}',
    });
    const refused = await accepted();
    expect(refused).toMatchObject({ code: 1, problem: { code: 'connector_dangerous' } });
    expect(refused.problem?.message).toContain('publication nowhere does not exist');
    expect(await outbox.client.status(name)).toMatchObject({ connector: { state: 'RUNNING' } });
    expect(await config('publication.name')).toBe('later_outbox');
  });
});
