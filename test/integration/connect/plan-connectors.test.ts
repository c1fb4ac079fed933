import { createOperatedOutbox, type OperatedOutbox } from '../../support/operated-outbox.ts';
import type { Ended } from '../../support/run-outbox.ts';

describe('outbox connectors plan, before anything is registered', () => {
  let outbox: OperatedOutbox;
  let name: string;

  beforeAll(async () => {
    outbox = await createOperatedOutbox();
    name = outbox.connector.name;
  });
  afterAll(() => outbox.close());
  afterEach(() => outbox.writeFile());

  const planned = (ended: Ended): unknown => JSON.parse(ended.stdout);

  test('says that there is something to do, without the keys that have their default anyway', async () => {
    const ended = await outbox.outbox(['connectors', 'plan', name, '--json']);
    expect(ended).toMatchObject({ code: 1, stderr: '' });
    const plan = planned(ended) as {
      work: boolean;
      connectors: { step: string; changes: { key: string }[] }[];
    };
    expect(plan).toMatchObject({ work: true, connectors: [{ name, step: 'create', problems: [] }] });
    const keys = plan.connectors[0]?.changes.map(({ key }) => key);
    expect(keys).toContain('slot.name');
    expect(keys).not.toContain('max.queue.size');
    expect(keys).not.toContain('tasks.max');
  });

  test('finds the typo in a key and names the key that was meant; apply touches nothing', async () => {
    outbox.writeFile({ 'poll.interval.ms': undefined, 'poll.intervall.ms': '20' });
    const ended = await outbox.outbox(['connectors', 'plan', name, '--json']);
    expect(ended.code).toBe(1);
    expect(planned(ended)).toMatchObject({
      connectors: [{ problems: [{ key: 'poll.intervall.ms', nearest: 'poll.interval.ms' }] }],
    });
    const applied = await outbox.outbox(['connectors', 'apply', name]);
    expect(applied.code).toBe(1);
    expect(applied.stdout).toContain('Did you mean poll.interval.ms?');
    expect(await outbox.client.config(name)).toBeUndefined();
  });

  test("tells Connect's own verdict key by key: a wrong value, an override that the worker does not allow", async () => {
    outbox.writeFile({ 'max.batch.size': 'many', 'producer.override.batch.size': '1' });
    const ended = await outbox.outbox(['connectors', 'plan', name, '--json']);
    expect(ended.code).toBe(1);
    const { connectors } = planned(ended) as {
      connectors: { problems: { key: string; message: string }[] }[];
    };
    const problems = connectors[0]?.problems ?? [];
    expect(new Set(problems.map(({ key }) => key))).toEqual(
      new Set(['max.batch.size', 'producer.override.batch.size']),
    );
    expect(problems.find(({ key }) => key.startsWith('producer'))?.message).toMatch(/policy does not allow/);
  });

  test('finds a router that no row of the outbox would reach', async () => {
    outbox.writeFile({ 'topic.prefix': 'another' });
    const ended = await outbox.outbox(['connectors', 'plan', name]);
    expect(ended.code).toBe(1);
    expect(ended.stdout).toContain('predicates.isOutbox.pattern');
  });

  test('refuses a secret in clear text without repeating it', async () => {
    outbox.writeFile({ 'database.password': 'hunter2' });
    for (const verb of ['plan', 'apply']) {
      const ended = await outbox.outbox(['connectors', verb, name]);
      expect(ended.code).toBe(2);
      expect(ended.stderr).toMatch(/secret in clear text: "database.password"/);
      expect(ended.stderr + ended.stdout).not.toContain('hunter2');
    }
  });

  test('says that Connect can not be reached', async () => {
    const ended = await outbox.outbox(['connectors', 'plan', name, '--connect', 'http://127.0.0.1:9']);
    expect(ended).toMatchObject({ code: 3, stdout: '' });
    expect(ended.stderr).toMatch(/can't be reached at http:\/\/127\.0\.0\.1:9/);
  });
});
