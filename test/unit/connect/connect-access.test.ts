import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { readConnectAccess } from '../../../src/connect/connect-access.ts';
import { connectAddresses } from '../../../src/connect/connect-address.ts';

const basic = (text: string): string => `Basic ${Buffer.from(text).toString('base64')}`;

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

test('an address holds several workers; its own user wins, and shows in no address', () => {
  const credentials = { user: 'ops', password: 'env' };
  expect(connectAddresses('http://a:8083/, https://me:p%40ss@b/connect/', { credentials })).toEqual([
    { url: 'http://a:8083', authorization: basic('ops:env') },
    { url: 'https://b/connect', authorization: basic('me:p@ss') },
  ]);
  expect(connectAddresses('http://a:8083', {})[0]?.authorization).toBeUndefined();
});

test('refuses what is no address, without repeating a password', () => {
  expect(() => connectAddresses('localhost:8083', {})).toThrow('"localhost:8083" is not the address');
  expect(() => connectAddresses('http://a:1,ftp://me:hunter2@b', {})).toThrow('Address 2 is not the address');
  expect(() => connectAddresses(' , ', {})).toThrow(/is empty/);
});
