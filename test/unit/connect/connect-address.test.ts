import { connectAddresses } from '../../../src/connect/connect-address.ts';

const basic = (text: string): string => `Basic ${Buffer.from(text).toString('base64')}`;

test('an address holds several workers; its own user wins, and shows in no address', () => {
  const credentials = { user: 'ops', password: 'env' };
  expect(connectAddresses('http://a:8083/, https://me:p%40ss@b/connect/', { credentials })).toMatchObject([
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
