import { waitUntil } from '../../src/platform/wait-until.ts';
import { createOperatedOutbox, type OperatedOutbox } from '../support/operated-outbox.ts';
import { testStack } from '../support/test-stack.ts';

describe('a restart of Connect', () => {
  let outbox: OperatedOutbox;

  beforeAll(async () => {
    outbox = await createOperatedOutbox();
  });
  afterAll(async () => {
    await testStack().up(['connect']);
    await outbox.close();
  });

  test('plan says that there is nothing to do, even to a worker that has just been started', async () => {
    const { name } = outbox.connector;
    expect(await outbox.outbox(['connectors', 'apply', name])).toMatchObject({ code: 0 });
    await testStack().down({ names: ['connect'] });
    expect(await outbox.outbox(['connectors', 'plan', name])).toMatchObject({ code: 3 });
    // Not waited for: the worker's web server answers before it has read its connectors.
    const starting = testStack().up(['connect']);
    const words = ['connectors', 'plan', name];
    const planned = await waitUntil(
      async () => {
        const ended = await outbox.outbox(words);
        return ended.code === 3 ? undefined : ended;
      },
      { timeoutMs: 90_000, what: 'somebody to answer at the address of Connect' },
    );
    expect(planned).toMatchObject({ code: 0, stdout: expect.stringContaining('Nothing to do.') as string });
    await starting;
    expect(await outbox.outbox(['connectors', 'apply', name])).toMatchObject({ code: 0 });
    expect(await outbox.outbox(words)).toMatchObject({ code: 0 });
  });
});
