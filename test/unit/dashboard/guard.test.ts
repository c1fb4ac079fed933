import { dashboardConfig } from '../../../src/dashboard/dashboard-config.ts';
import { cookieOf, refusalOf, type AskedBy } from '../../../src/dashboard/http/guard.ts';

const token = 'sixteen characters';
const look: AskedBy = {
  ...{ method: 'GET', host: 'localhost:3000', origin: undefined, secFetchSite: undefined },
  ...{ marker: undefined, authorization: undefined, cookie: undefined },
};
const action: AskedBy = { ...look, method: 'POST', marker: '1', origin: 'http://localhost:3000' };
const statusOf = (asked: AskedBy, of?: string): number | undefined => refusalOf(asked, { token: of })?.status;

test('our own page may look and act', () => {
  expect(statusOf(look)).toBeUndefined();
  expect(statusOf(action)).toBeUndefined();
  expect(statusOf({ ...action, secFetchSite: 'same-origin' })).toBeUndefined();
});

test.each([
  ['no marker', { marker: undefined }],
  ['another origin', { origin: 'http://evil.example' }],
  ['another port', { origin: 'http://localhost:4000' }],
  ['no origin that is one', { origin: 'null' }],
  ['another site', { secFetchSite: 'cross-site' }],
  ['the same site, another page', { secFetchSite: 'same-site' }],
])('an action with %s is refused', (_, change) => {
  expect(statusOf({ ...action, ...change })).toBe(403);
});

test('another name for this machine is refused without a token', () => {
  for (const host of ['evil.example', '127.0.0.1.evil.example', undefined])
    expect(statusOf({ ...look, host })).toBe(421);
  for (const host of ['127.0.0.1:3000', '[::1]:3000', 'localhost'])
    expect(statusOf({ ...look, host })).toBeUndefined();
});

test('a token is needed where there is one, as bearer or as what a login gave', () => {
  const elsewhere = { ...look, host: 'dashboard.example' };
  expect(statusOf(elsewhere, token)).toBe(401);
  expect(statusOf({ ...elsewhere, authorization: 'Bearer wrong' }, token)).toBe(401);
  expect(statusOf({ ...elsewhere, cookie: `dashboard=${token}` }, token)).toBe(401);
  expect(statusOf({ ...elsewhere, authorization: `Bearer ${token}` }, token)).toBeUndefined();
  expect(statusOf({ ...elsewhere, cookie: `a=b; dashboard=${cookieOf(token)}` }, token)).toBeUndefined();
});

test('beyond this machine a token must be set', () => {
  const parse = (env: Record<string, string>) => dashboardConfig.safeParse(env);
  expect(parse({}).data).toMatchObject({ port: 3000, host: '127.0.0.1', token: undefined });
  expect(parse({ DASHBOARD_HOST: '0.0.0.0' }).error?.issues[0]?.path).toEqual(['DASHBOARD_TOKEN']);
  expect(parse({ DASHBOARD_HOST: '0.0.0.0', DASHBOARD_TOKEN: 'short' }).success).toBe(false);
  expect(parse({ DASHBOARD_HOST: '0.0.0.0', DASHBOARD_TOKEN: token }).data?.token).toBe(token);
});
