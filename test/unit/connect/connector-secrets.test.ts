import { isSecretKey } from '../../../src/connect/connector-file.ts';

test.each([
  'database.password',
  'database.sslpassword',
  'ssl.key.password',
  'ssl.keystore.key',
  'producer.override.ssl.keystore.key',
  'producer.override.ssl.keystore.password',
  'producer.override.sasl.jaas.config',
  'schema.registry.basic.auth.user.info',
])('%s holds a secret', (key) => {
  expect(isSecretKey(key)).toBe(true);
});

test.each([
  'database.user',
  // A path on the worker, not the key itself.
  'database.sslkey',
  'ssl.keystore.location',
  'ssl.truststore.certificates',
  'producer.override.sasl.oauthbearer.token.endpoint.url',
  'key.converter',
])('%s holds none', (key) => {
  expect(isSecretKey(key)).toBe(false);
});
