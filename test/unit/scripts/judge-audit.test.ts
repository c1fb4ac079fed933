import { judgeAudit } from '../../../scripts/judge-audit.ts';

const reportOf = (vulnerabilities: object): string =>
  JSON.stringify({
    auditReportVersion: 2,
    vulnerabilities,
    metadata: { vulnerabilities: {}, dependencies: { prod: 214, dev: 300, total: 514 } },
  });
const hole = (severity: string, more: object = {}): object => ({
  name: 'qs',
  severity,
  isDirect: false,
  via: [{ source: 1, name: 'qs', title: 'Prototype pollution in qs', url: 'https://x', severity }],
  effects: ['express'],
  range: '<6.9.7',
  nodes: ['node_modules/qs'],
  fixAvailable: true,
  ...more,
});

test('a report without anything high is clean, and says of how many packages', () => {
  const { kind, line } = judgeAudit(reportOf({ qs: hole('moderate'), ms: hole('low') }));
  expect([kind, line]).toEqual(['clean', 'No grave hole is known in 214 packages.']);
});

test.each(['high', 'critical'])('a %s hole fails and is named with its remedy', (severity) => {
  const { kind, line } = judgeAudit(reportOf({ qs: hole(severity), ms: hole('low') }));
  expect([kind, line]).toEqual([
    'vulnerable',
    `${severity}: qs <6.9.7: Prototype pollution in qs → npm audit fix`,
  ]);
});

test('a hole that only comes by way of another package, and has no mended version, says so', () => {
  const { line } = judgeAudit(
    reportOf({ express: hole('high', { range: '*', via: ['qs'], fixAvailable: false }) }),
  );
  expect(line).toBe('high: express *: by way of qs → there is no mended version yet');
});

test.each([
  [
    'does not know the question',
    { message: '405 Method Not Allowed - POST https://r/bulk', statusCode: 405 },
  ],
  ['has no such address', { message: '404 Not Found - POST https://r/bulk', statusCode: 404 }],
  [
    'can not be reached',
    { message: 'request to https://r failed, reason: getaddrinfo ENOTFOUND r', error: { summary: '' } },
  ],
])('a registry that %s is no failure, and no all-clear', (_, printed) => {
  const { kind, line } = judgeAudit(JSON.stringify(printed));
  expect(kind).toBe('not-checked');
  expect(line).toBe(
    `Packages were not checked, because the registry does not answer npm audit: ${printed.message}`,
  );
});

test.each([
  [
    'a mistake of ours',
    '{"error":{"code":"ENOLOCK","summary":"This command requires an existing lockfile.","detail":""}}',
    /ENOLOCK: This command requires/,
  ],
  ['nothing', '', /printed no report but: nothing/],
  ['something else', '<html>', /printed no report but: <html>/],
  ['half a report', '{"vulnerabilities":{}}', /printed no report/],
])('%s in place of a report fails', (_, printed, expected) => {
  const { kind, line } = judgeAudit(printed);
  expect(kind).toBe('failed');
  expect(line).toMatch(expected);
});
