import { openPipeline } from '../../../src/open-pipeline.ts';
import { applyConnectors } from '../../../src/operate/change/apply-connectors.ts';
import { applyTopics } from '../../../src/platform/kafka/topic-admin.ts';
import { silentLog } from '../../../src/platform/log.ts';
import { waitUntil } from '../../../src/platform/wait-until.ts';
import { createOperatedOutbox, type OperatedOutbox } from '../../support/operated-outbox.ts';
import type { Ended } from '../../support/run-outbox.ts';
import { testKafka } from '../../support/test-stack.ts';
import { whileRebalancing } from './while-rebalancing.ts';

interface Applied {
  readonly action: string;
  readonly running: boolean;
  readonly notes: string[];
  readonly parts: { state: string }[];
  readonly probe?: { arrived: boolean };
  readonly problem?: { code: string; message: string; remedy: string };
  readonly left?: string;
}

describe('outbox connectors apply', () => {
  let outbox: OperatedOutbox;
  let name: string;

  beforeAll(async () => {
    outbox = await createOperatedOutbox();
    name = outbox.connector.name;
  });
  afterAll(() => outbox.close());

  const apply = async (...words: string[]): Promise<Applied & { code: number }> => {
    const ended = await outbox.outbox(['connectors', 'apply', name, '--json', ...words]);
    if (ended.stdout === '') throw new Error(ended.stderr);
    const [applied] = JSON.parse(ended.stdout) as [Applied];
    return { code: ended.code, ...applied };
  };
  const plan = (): Promise<Ended> => outbox.outbox(['connectors', 'plan', name]);

  test('leaves a new connector STOPPED when a topic is missing, says so, and goes on when it is there', async () => {
    const heartbeats = `${outbox.topicPrefix}later`;
    outbox.writeFile({ 'topic.heartbeat.prefix': 'later' });
    const failed = await apply();
    expect(failed).toMatchObject({
      code: 1,
      action: 'created',
      running: false,
      parts: [{ state: 'STOPPED' }],
      problem: { code: 'topic_missing', message: expect.stringContaining(heartbeats) as string },
      left: 'It was left STOPPED, with the settings of its file.',
    });
    const topic = {
      name: `${heartbeats}.${outbox.connector.config['topic.prefix'] ?? ''}`,
      partitions: 1,
      config: {},
    };
    await applyTopics(testKafka(), [topic], { replicationFactor: 1, log: silentLog });
    expect(await apply()).toMatchObject({
      code: 0,
      action: 'created',
      parts: [{ state: 'RUNNING' }, { state: 'RUNNING' }],
      probe: { arrived: true },
    });
  });

  test('has nothing to do afterwards, and does nothing', async () => {
    expect(await plan()).toMatchObject({
      code: 0,
      stdout: expect.stringContaining('Nothing to do.') as string,
    });
    expect(await apply()).toMatchObject({ code: 0, action: 'unchanged', probe: { arrived: true } });
  });

  test('changes settings and restarts while Connect rebalances all the time', async () => {
    outbox.writeFile({ 'topic.heartbeat.prefix': 'later', 'poll.interval.ms': '30' });
    const { result, conflicts } = await whileRebalancing(outbox, () => apply());
    expect(result).toMatchObject({ code: 0, action: 'updated', running: true, probe: { arrived: true } });
    // Otherwise nothing was provoked.
    expect(conflicts).toBeGreaterThan(0);
    expect((await outbox.client.config(name))?.['poll.interval.ms']).toBe('30');
    expect(await plan()).toMatchObject({ code: 0 });
  });

  test('touches nothing when its database can not be reached, since nobody knows whether its slot fits', async () => {
    outbox.writeFile({ 'topic.heartbeat.prefix': 'later', 'poll.interval.ms': '40' });
    const nowhere = outbox.database.opsUrl.replace(/:\d+\//, ':1/');
    const refused = await outbox.outbox(['connectors', 'apply', name, '--json'], {
      ORDERS_OPS_DATABASE_URL: nowhere,
    });
    expect(refused.code).toBe(3);
    const [one] = JSON.parse(refused.stdout) as [Applied];
    expect(one).toMatchObject({ action: 'refused', notes: [], problem: { code: 'database_unreachable' } });
    expect(one.problem?.message).toMatch(/can't be reached \(.*ECONNREFUSED.*\), so whether its slot/);
    expect(one.problem?.remedy).toContain('ORDERS_OPS_DATABASE_URL');
    expect((await outbox.client.config(name))?.['poll.interval.ms']).toBe('30');
    expect((await outbox.client.status(name))?.connector.state).toBe('RUNNING');
    outbox.writeFile({ 'topic.heartbeat.prefix': 'later', 'poll.interval.ms': '30' });
  });

  test('judges a connector that Connect did not know when it was planned by what Connect has then', async () => {
    const key = 'transforms.outbox.table.field.event.key';
    outbox.writeFile({ 'topic.heartbeat.prefix': 'later', 'poll.interval.ms': '30', [key]: 'aggregate_id' });
    const pipeline = await openPipeline(
      { env: outbox.env, log: silentLog },
      { dir: outbox.folder, retryForMs: 5_000 },
    );
    try {
      const { connect } = pipeline;
      let asked = 0;
      // As a worker that is just starting answers, or before somebody else has created it.
      const late: typeof connect = {
        ...connect,
        config: async (asking) => (asked++ === 0 ? undefined : connect.config(asking)),
      };
      const [applied] = await applyConnectors({ ...pipeline, connect: late }, pipeline.connectors, {
        timeoutMs: 60_000,
        acceptDanger: [name],
      });
      expect(applied).toMatchObject({
        action: 'refused',
        plan: { step: 'update', changes: [{ key, from: 'partition_key', to: 'aggregate_id' }] },
        problem: { code: 'connector_dangerous' },
      });
    } finally {
      await pipeline.close();
    }
    expect((await outbox.client.config(name))?.[key]).toBe('partition_key');
  });

  test('does not restart a connector whose publication is gone, and says in what state it is', async () => {
    outbox.writeFile({ 'topic.heartbeat.prefix': 'later', 'poll.interval.ms': '40' });
    await outbox.admin.query({ text: 'alter publication orders_outbox rename to hidden_outbox' });
    const failed = await apply();
    expect(failed).toMatchObject({ code: 1, running: false, problem: { code: 'connector_unhealthy' } });
    expect(failed.problem?.message).toMatch(/publication orders_outbox/);
    expect(failed.problem?.remedy).toContain(`outbox connectors heal ${name}`);
    expect(failed.left).toMatch(/^It was left RUNNING .*, with the settings it had before\.$/);
    expect((await outbox.client.config(name))?.['poll.interval.ms']).toBe('30');
    await outbox.admin.query({ text: 'alter publication hidden_outbox rename to orders_outbox' });
  });

  test('leaves alone what somebody stopped, and says how to resume it', async () => {
    await outbox.client.stop(name);
    await waitUntil(
      async () => {
        const status = await outbox.client.status(name);
        return status?.connector.state === 'STOPPED' && status.tasks.length === 0;
      },
      { timeoutMs: 30_000, what: 'the connector to be stopped, its task gone' },
    );
    const left = await apply();
    expect(left).toMatchObject({ code: 1, action: 'refused', problem: { code: 'connector_failed' } });
    expect(left.problem?.remedy).toContain(`outbox connectors resume ${name}`);
  });
});
