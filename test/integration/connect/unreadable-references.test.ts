import { judgeAllowList, judgeOwnProviders } from '../../../src/operate/doctor/check-connect.ts';
import { createOperatedOutbox, type OperatedOutbox } from '../../support/operated-outbox.ts';
import { stackValue } from '../../support/test-stack.ts';

let operated: OperatedOutbox;
beforeAll(async () => {
  operated = await createOperatedOutbox();
});
afterAll(() => operated.close());

/**
 * Straight at the worker, past all that our own commands refuse, as whoever reaches its port. Text that is no number comes back in the
 * error about `tasks.max`: with the value, if a reference was resolved.
 */
async function whatIsSaid(reference: string): Promise<string> {
  const verdicts = await operated.client.validate({
    'connector.class': operated.connector.config['connector.class'] ?? '',
    name: 'reader',
    'tasks.max': reference,
  });
  return verdicts.find(({ key }) => key === 'tasks.max')?.errors.join(' ') ?? '';
}

test('the worker shows what it lets through: so the next one can fail', async () => {
  expect(await whatIsSaid('is ${env:CDC_DB_SSLMODE}.')).toContain(`is ${stackValue('CDC_DB_SSLMODE')}.`);
});

test.each(['${env:PATH}', '${file:/etc/passwd:x}', '${directory:/etc:hostname}', '${dir:/etc:hostname}'])(
  'a connector reads nothing by %s',
  async (reference) => {
    expect(await whatIsSaid(reference)).toContain(reference);
  },
);

/** Kafka makes the providers that a config brings along, unless the worker's JVM is told not to: the value then was in each event's header. */
test('nor by a provider of its own', async () => {
  const { client, connector } = operated;
  const created = client.createStopped(connector.name, {
    ...connector.config,
    'config.providers': 'own',
    'config.providers.own.class': 'org.apache.kafka.common.config.provider.FileConfigProvider',
    transforms: `${connector.config['transforms'] ?? ''},leak`,
    'transforms.leak.type': 'org.apache.kafka.connect.transforms.InsertHeader',
    'transforms.leak.header': 'leak',
    'transforms.leak.value.literal': '${own:/etc/passwd:x}',
  });
  await expect(created).rejects.toThrow('FileConfigProvider is not allowed');
  expect(await client.config(connector.name)).toBeUndefined();
});

test('the doctor sees both', async () => {
  expect(await judgeAllowList(operated.client)).toMatchObject({ verdict: 'ok' });
  expect(await judgeOwnProviders(operated.client)).toMatchObject({ verdict: 'ok' });
});
