import { isTransientPostgresError, sqlState } from '../../../src/platform/postgres/postgres-errors.ts';
import { CommitUnknownError } from '../../../src/platform/postgres/commit-unknown-error.ts';

const withCode = (code: string): Error => Object.assign(new Error('failed'), { code });

test.each([
  '40P01',
  '40001',
  '57P01',
  '53300',
  '25P03',
  '25006',
  '08006',
  'EPIPE',
  'ECONNRESET',
  'EHOSTUNREACH',
  'ENETUNREACH',
])('%s passes: the same transaction is worth another try', (code) => {
  expect(isTransientPostgresError(withCode(code))).toBe(true);
});

test.each(['23505', '23514', '42501', '42P01', '22003'])('%s does not pass', (code) => {
  expect(isTransientPostgresError(withCode(code))).toBe(false);
});

test('a code of the socket is no SQLSTATE', () => {
  expect(sqlState(withCode('EPIPE'))).toBeUndefined();
  expect(sqlState(withCode('23505'))).toBe('23505');
});

test('a commit whose answer was lost is as transient as what broke it', () => {
  expect(
    isTransientPostgresError(new CommitUnknownError(new Error('Connection terminated unexpectedly'))),
  ).toBe(true);
  expect(isTransientPostgresError(new CommitUnknownError(new Error('something else')))).toBe(false);
});

test('an error without a known reason does not pass', () => {
  expect(isTransientPostgresError(new TypeError('x is not a function'))).toBe(false);
  expect(isTransientPostgresError('text')).toBe(false);
});
