import { isRunning } from '../../../src/connect/connector-status.ts';
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
    for (const other of [`${slot}_other`, `${slot}_third`])
      await dropReplicationSlot(outbox.admin, other, { timeoutMs: 60_000 });
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

  /** The file as Connect has it, but for these settings. */
  const writeFile = async (changes: Record<string, string>): Promise<void> => {
    const { name: _, ...current } = (await outbox.client.config(name)) ?? {};
    outbox.writeFile({
      ...current,
      // TOPIC_PREFIX comes before these.
      'topic.heartbeat.prefix': '__debezium-heartbeat',
      'transforms.outbox.route.topic.replacement': '${routedByValue}',
      ...changes,
    });
  };
  const state = async (): Promise<string | undefined> => (await outbox.client.status(name))?.connector.state;

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
    const list = await outbox.outbox(['connectors', 'rollback', name, '--list', '--json']);
    const [newest] = JSON.parse(list.stdout) as { id: string; reason: string }[];
    expect(newest?.reason).toMatch(/^rollback to save/);
    await outbox.admin.query({
      text: 'select pg_replication_slot_advance($1, pg_current_wal_lsn())',
      values: [`${slot}_other`],
    });
    const back = await outbox.outbox(['connectors', 'rollback', name, '--save', newest?.id ?? '']);
    expect(back).toMatchObject({ code: 1, stdout: '' });
    expect(back.stderr).toMatch(/has moved on beyond the saved offset.*apply .* --accept-danger/);
    expect((await outbox.client.status(name))?.connector.state).toBe('RUNNING');
  });

  test('another topic.prefix takes the offset along, and nothing is said twice', async () => {
    await waitForAll('all events');
    const before = await heard();
    const server = `${outbox.connector.config['topic.prefix'] ?? ''}x`;
    const topic = { name: `${outbox.topicPrefix}__debezium-heartbeat.${server}`, partitions: 1, config: {} };
    outbox.writeFile({
      'topic.prefix': server,
      'predicates.isOutbox.pattern': outboxPattern(server, 'pipeline.outbox'),
    });
    // Before it is stopped: without its topic for heartbeats it could not go on.
    expect(await accepted()).toMatchObject({
      code: 1,
      action: 'refused',
      notes: [],
      problem: { code: 'topic_missing' },
    });
    expect(await state()).toBe('RUNNING');
    await applyTopics(testKafka(), [topic], { replicationFactor: 1, log: silentLog });
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
    await writeFile({ 'publication.name': 'later_outbox' });
    expect(await accepted()).toMatchObject({ code: 0, probe: { arrived: true } });
    await say(1);
    const ids = await waitForAll('an event of the new publication');
    expect(ids.slice(known.length)).toEqual(said);
  });

  test('a publication that does not exist is refused before anything is touched, whatever is accepted', async () => {
    await writeFile({ 'publication.name': 'nowhere' });
    const refused = await accepted();
    expect(refused).toMatchObject({ code: 1, action: 'refused', problem: { code: 'connector_dangerous' } });
    expect(refused.problem?.message).toContain('publication nowhere does not exist');
    expect(await outbox.client.status(name)).toMatchObject({ connector: { state: 'RUNNING' } });
    expect(await config('publication.name')).toBe('later_outbox');
  });

  test('rollback of what has nothing to do with its place goes on where it stands', async () => {
    await writeFile({ 'snapshot.mode': 'initial' });
    expect(await accepted()).toMatchObject({ code: 0, action: 'updated', probe: { arrived: true } });
    await say(1);
    const before = await waitForAll('an event in between');
    const back = await outbox.outbox(['connectors', 'rollback', name]);
    expect(back).toMatchObject({ code: 0, stderr: '' });
    expect(back.stdout).toMatch(/it\s+goes\s+on\s+where\s+it\s+stands/);
    expect(await config('snapshot.mode')).toBe('when_needed');
    await say(1);
    expect(await waitForAll('an event after the rollback')).toEqual([...before, said.at(-1)]);
  });

  test('a save that the role may not make leaves a connector running that ran, and stopped that did not', async () => {
    await writeFile({ 'slot.name': `${slot}_third` });
    await outbox.admin.query({ text: 'revoke insert on pipeline.connector_saves from pipeline_ops' });
    const resumed = await accepted();
    expect(resumed).toMatchObject({
      code: 1,
      action: 'refused',
      notes: ['nothing was changed, and it was resumed'],
    });
    expect(resumed.problem?.message).toContain('permission denied for table connector_saves');

    const isUp = async (): Promise<boolean> => {
      const status = await outbox.client.status(name);
      return status !== undefined && isRunning(status);
    };
    await waitUntil(isUp, { timeoutMs: 30_000, what: 'the connector to run again' });
    const back = await outbox.outbox(['connectors', 'rollback', name]);
    expect(back).toMatchObject({ code: 1, stdout: expect.stringContaining('it was resumed') as string });
    expect(back.stderr.replaceAll(/\s+/g, ' ')).toMatch(
      /Postgres refuses: permission denied for table connector_saves\. Run: npm run setup.* It was left/,
    );
    await waitUntil(isUp, { timeoutMs: 30_000, what: 'the connector to run after the rollback' });
    // It runs, but inserts are not published to it any more: going on, it would pass over rows.
    await outbox.admin.query({ text: "alter publication later_outbox set (publish = 'update')" });
    await writeFile({ 'publication.name': 'orders_outbox' });
    expect((await accepted()).notes).toEqual([
      expect.stringMatching(/left STOPPED, since events would be lost: .* heal/) as string,
    ]);
    expect(await state()).toBe('STOPPED');
    await outbox.admin.query({ text: "alter publication later_outbox set (publish = 'insert')" });

    await writeFile({ 'slot.name': `${slot}_third` });
    await waitUntil(() => outbox.client.resetOffsets(name), { timeoutMs: 30_000, what: 'no offsets' });
    const left = await accepted();
    expect(left).toMatchObject({
      code: 1,
      action: 'refused',
      notes: [expect.stringContaining('it did not run before and is left STOPPED') as string],
    });
    expect(left.problem?.message).toContain('permission denied for table connector_saves');
    expect(await state()).toBe('STOPPED');

    await outbox.admin.query({ text: 'grant insert on pipeline.connector_saves to pipeline_ops' });
    const known = await heard();
    expect(await accepted()).toMatchObject({ code: 0, action: 'updated', probe: { arrived: true } });
    await say(1);
    expect((await waitForAll('an event of the third slot')).slice(known.length)).toEqual(said);
  });

  test('deleted and created again it goes on where it stood, and what is dangerous to change still is', async () => {
    await writeFile({ 'transforms.outbox.table.field.event.key': 'aggregate_id' });
    expect((await outbox.outbox(['connectors', 'delete', name, '--yes'])).code).toBe(0);
    const { rows } = await outbox.admin.query<{ reason: string }>({
      text: 'select reason from pipeline.connector_saves where connector = $1 order by save_id desc limit 1',
      values: [name],
    });
    expect(rows).toEqual([{ reason: 'delete' }]);
    const before = await heard();
    await say(1);
    const refused = await apply();
    expect(refused).toMatchObject({ code: 1, action: 'refused', problem: { code: 'connector_dangerous' } });
    expect(refused.problem?.message).toContain('transforms.outbox.table.field.event.key (order)');
    expect(await config('slot.name')).toBeUndefined();
    const created = await accepted();
    expect(created).toMatchObject({ code: 0, action: 'created', probe: { arrived: true } });
    expect(created.notes[0]).toContain('created STOPPED with the settings that it was known to have before');
    await waitForAll('an event said while there was no connector');
    expect((await heard()).length).toBe(before.length + 1);
  });
});
