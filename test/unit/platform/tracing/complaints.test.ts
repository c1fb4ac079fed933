import { Writable } from 'node:stream';
import pino from 'pino';
import { createComplaints } from '../../../../src/platform/tracing/complaints.ts';

test('a complaint is logged once a minute, with how many were not; another kind at once', () => {
  const lines: { reason: string; unsaid: number }[] = [];
  const log = pino(
    new Writable({
      write(line: Buffer, _, done) {
        lines.push(JSON.parse(line.toString()) as (typeof lines)[number]);
        done();
      },
    }),
  );
  let now = 0;
  const complain = createComplaints(log, () => now);
  for (; now < 59_000; now += 1_000) complain(`connect ECONNREFUSED 127.0.0.1:4318, try ${now}`);
  complain('Dropped 5 spans');
  now = 61_000;
  complain('connect ECONNREFUSED 127.0.0.1:4318, try 7');
  expect(lines.map(({ reason, unsaid }) => [reason, unsaid])).toEqual([
    ['connect ECONNREFUSED 127.0.0.1:4318, try 0', 0],
    ['Dropped 5 spans', 0],
    ['connect ECONNREFUSED 127.0.0.1:4318, try 7', 58],
  ]);
});
