import { readFileSync } from 'node:fs';
import { maskedValue } from '../../../src/connect/connector-changes.ts';
import { isSecretReference, type ConnectorConfig } from '../../../src/connect/connector-file.ts';
import type { ConnectClient } from '../../../src/connect/connect-client.ts';
import { wrongReferences } from '../../../src/connect/secret-references.ts';
import { keyProblems, validateConnector } from '../../../src/connect/validate-connector.ts';

const fileOf = (name: string) =>
  JSON.parse(readFileSync(new URL(`../../../connectors/${name}.json`, import.meta.url), 'utf8')) as {
    name: string;
    config: ConnectorConfig;
  };

test.each(['orders-outbox', 'inventory-outbox'])('the references of %s are where they may be', (name) => {
  expect(wrongReferences(fileOf(name).config)).toEqual([]);
});

test.each([
  ['${env:CDC_ORDERS_PASSWORD}', true],
  ['${env:POSTGRES_PASSWORD}', false],
  ['${file:/etc/passwd:root}', false],
  ['${directory:/run/secrets:password}', false],
  ['${env:CDC_A}${env:CDC_B}', false],
  ['hunter2', false],
])('%s in a secret key is a reference that the worker fills in: %s', (value, expected) => {
  expect(isSecretReference(value)).toBe(expected);
});

test.each([
  ['tasks.max', '${env:CDC_DB_PASSWORD}'],
  ['database.hostname', '${env:CDC_DB_PASSWORD}'],
  ['slot.name', 'slot_${env:CDC_DB_HOST}'],
  ['transforms.outbox.route.by.field', '${env:PATH}'],
  ['database.password', '${file:/etc/passwd:root}'],
])('%s may not be %s', (key, value) => {
  expect(wrongReferences({ [key]: value })).toEqual([
    { key, message: expect.stringContaining('refers to ${') as string },
  ]);
});

test('a config with a misplaced reference is not even sent to Connect, which would answer with its value', async () => {
  const file = fileOf('orders-outbox');
  const nobody = { validate: () => Promise.reject(new Error('It was sent.')) } as unknown as ConnectClient;
  const config = { ...file.config, 'tasks.max': '${env:CDC_ORDERS_PASSWORD}' };
  const { problems } = await validateConnector(nobody, { ...file, config });
  expect(problems).toMatchObject([{ key: 'tasks.max' }]);
});

test("Connect's answer is told with the reference that stands in the config, not with the value that was filled in", () => {
  const errors = ['Invalid value 99999 for configuration database.port: Value must be at most 65535'];
  const config = { 'database.port': '${env:CDC_DB_PORT}' };
  const verdict = { key: 'database.port', errors, defaultValue: undefined, declared: true };
  expect(keyProblems({ ...fileOf('orders-outbox').config, ...config }, [verdict])).toContainEqual({
    key: 'database.port',
    message: '"${env:CDC_DB_PORT}": Value must be at most 65535',
  });
});

test.each([
  [
    'heartbeat.action.query',
    "select dblink('password=hunter2 host=a')",
    "select dblink('password=… host=a')",
  ],
  ['connection.uri', 'postgres://cdc:hunter2@db/orders', 'postgres://cdc:…@db/orders'],
  ['database.password', 'hunter2', '(hidden)'],
])('%s is shown without the password in it', (key, value, shown) => {
  expect(maskedValue(key, value)).toBe(shown);
});
