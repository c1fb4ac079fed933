import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { readKafkaAccess } from '../../../src/platform/kafka/kafka-access.ts';
import { accessRemedy, kafkaUnreachable } from '../../../src/platform/kafka/kafka-unreachable.ts';

const PEM = '-----BEGIN CERTIFICATE-----\n';
const KAFKA_BROKERS = 'a:9093, b:9093';
const brokers = ['a:9093', 'b:9093'];
const user = { KAFKA_USER: 'orders', KAFKA_PASSWORD: 'hunter2' };
const credentials = { user: 'orders', password: 'hunter2' };

const folder = mkdtempSync(join(tmpdir(), 'kafka-access-'));
const file = join(folder, 'some.pem');
beforeAll(() => writeFileSync(file, PEM));
afterAll(() => rmSync(folder, { recursive: true }));

const read = (more: Record<string, string>) => readKafkaAccess({ KAFKA_BROKERS, ...more });

test('the brokers alone mean plain text; an empty variable is one that is not set', () => {
  expect(read({})).toEqual({ brokers });
  expect(read({ KAFKA_TLS: '', KAFKA_SASL_MECHANISM: '', KAFKA_USER: '', KAFKA_CA_FILE: '' })).toEqual({
    brokers,
  });
});

test.each([
  ['public authorities', { KAFKA_TLS: 'true' }, { tls: {} }],
  ['an authority of our own', { KAFKA_CA_FILE: file }, { tls: { ca: PEM } }],
  ['our own certificate', { KAFKA_CERT_FILE: file, KAFKA_KEY_FILE: file }, { tls: { cert: PEM, key: PEM } }],
  ['a password', { KAFKA_TLS: 'true', ...user }, { tls: {}, credentials, mechanism: 'scram-sha-512' }],
  [
    'a password by another mechanism',
    { KAFKA_CA_FILE: file, KAFKA_SASL_MECHANISM: 'plain', ...user },
    { tls: { ca: PEM }, credentials, mechanism: 'plain' },
  ],
  [
    'a password in plain text, on purpose',
    { KAFKA_TLS: 'false', ...user },
    { credentials, mechanism: 'scram-sha-512' },
  ],
])('reads %s', (_, env, access) => {
  expect(read(env)).toEqual({ brokers, ...access });
});

test.each([
  [{ KAFKA_TLS: 'yes' }, /KAFKA_TLS: must be true or false/],
  [{ KAFKA_TLS: 'false', KAFKA_CA_FILE: file }, /KAFKA_TLS is false, but certificates are given/],
  [
    { ...user, KAFKA_TLS: 'true', KAFKA_SASL_MECHANISM: 'gssapi' },
    /must be plain, scram-sha-256 or scram-sha-512/,
  ],
  [
    { KAFKA_SASL_MECHANISM: 'plain', KAFKA_TLS: 'true' },
    /KAFKA_SASL_MECHANISM is set, but KAFKA_USER is not/,
  ],
  [{ KAFKA_USER: 'orders' }, /Of KAFKA_USER and KAFKA_PASSWORD only one is set/],
  [{ KAFKA_CERT_FILE: file }, /Of KAFKA_CERT_FILE and KAFKA_KEY_FILE only one is set/],
  [user, /KAFKA_USER is set, but the connection is not encrypted/],
  [{ KAFKA_BROKERS: '' }, /KAFKA_BROKERS/],
])('refuses %j', (env, sentence) => {
  const refused = (): unknown => read(env);
  expect(refused).toThrow(sentence);
  expect(refused).not.toThrow(/hunter2/);
  expect(refused).toThrow(expect.objectContaining({ code: 'config_invalid' }) as Error);
});

/** As kafkajs wraps it: what failed at last is the cause of having given up. */
const gaveUp = (cause: Error): Error =>
  Object.assign(new Error(cause.message, { cause }), { name: 'KafkaJSNumberOfRetriesExceeded' });
const failed = (name: string, message: string, code?: string): Error =>
  Object.assign(new Error(message), { name, ...(code && { code }) });

test.each([
  [
    failed(
      'KafkaJSConnectionError',
      'Connection error: self-signed certificate in certificate chain',
      'SELF_SIGNED_CERT_IN_CHAIN',
    ),
    'Kafka did not answer: self-signed certificate in certificate chain.',
    /KAFKA_CA_FILE/,
  ],
  [
    failed('KafkaJSSASLAuthenticationError', 'SASL SCRAM SHA512 authentication failed'),
    /authentication failed/,
    /KAFKA_PASSWORD/,
  ],
  [
    failed('KafkaJSConnectionClosedError', 'Closed connection'),
    'Kafka did not answer: it hangs up.',
    /KAFKA_TLS=true/,
  ],
  [
    failed('KafkaJSConnectionError', 'Connection error: connect ECONNREFUSED', 'ECONNREFUSED'),
    /ECONNREFUSED/,
    /Start it/,
  ],
])('%s is told with its remedy', (cause, sentence, remedy) => {
  const told = kafkaUnreachable(gaveUp(cause));
  expect(told.message).toMatch(sentence);
  expect(told.remedy).toMatch(remedy);
});

test('trouble that has nothing to do with being let in keeps the remedy of whoever tells it', () => {
  expect(accessRemedy(failed('KafkaJSRequestTimeoutError', 'Request timed out'))).toBeUndefined();
});
