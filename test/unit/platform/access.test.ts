import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { readAccess } from '../../../src/platform/access.ts';

const readConnectAccess = (env: Record<string, string>) => readAccess(env, 'CONNECT');

test('without any of the variables nothing is needed to get in', () => {
  expect(readConnectAccess({ CONNECT_USER: '', CONNECT_CA_FILE: '' })).toEqual({});
});

test('reads user, password and certificates', () => {
  const folder = mkdtempSync(join(tmpdir(), 'access-'));
  try {
    const file = join(folder, 'ca.pem');
    writeFileSync(file, '-----BEGIN CERTIFICATE-----\n');
    expect(readConnectAccess({ CONNECT_USER: 'ops', CONNECT_PASSWORD: 'p', CONNECT_CA_FILE: file })).toEqual({
      credentials: { user: 'ops', password: 'p' },
      tls: { ca: '-----BEGIN CERTIFICATE-----\n' },
    });
    writeFileSync(file, 'DER');
    expect(() => readConnectAccess({ CONNECT_CA_FILE: file })).toThrow(/is not a PEM file/);
  } finally {
    rmSync(folder, { recursive: true });
  }
});

test('refuses half of a pair, and a file that is not there', () => {
  expect(() => readConnectAccess({ CONNECT_USER: 'ops' })).toThrow(
    'Of CONNECT_USER and CONNECT_PASSWORD only one is set.',
  );
  expect(() => readConnectAccess({ CONNECT_KEY_FILE: '/k' })).toThrow(/only one is set/);
  expect(() => readConnectAccess({ CONNECT_CA_FILE: '/no/such.pem' })).toThrow(
    /CONNECT_CA_FILE can't be read/,
  );
});
