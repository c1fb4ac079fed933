import { stretchesFor } from '../../../src/operate/trace/find-subjects.ts';
import { readTraceId } from '../../../src/operate/trace/read-trace-id.ts';

test.each([
  ['', /empty/],
  ['  \n', /empty/],
  ['a\u0000b', /control characters/],
  ['a\tb', /control characters/],
  ['x'.repeat(201), /at most 200/],
  ['\ud800', /Unicode/],
])('%j can not be an id', (given, problem) => {
  expect(readTraceId(given)).toEqual({ problem: expect.stringMatching(problem) as string });
});

test('an id is looked for as services write it', () => {
  expect(readTraceId(' ada ')).toEqual({ id: 'ada' });
  expect(readTraceId('Ada Lovelace')).toEqual({ id: 'Ada Lovelace' });
  expect(readTraceId('0190B3A0-0000-7000-8000-00000000ABCD')).toEqual({
    id: '0190b3a0-0000-7000-8000-00000000abcd',
  });
});

test('a customer is looked for in the last hour, the last day, then in all; an id with a time in it around that first', () => {
  const now = new Date('2026-01-05T10:00:00Z');
  expect(stretchesFor('ada', now)).toEqual([
    { from: new Date('2026-01-05T09:00:00Z'), to: null },
    { from: new Date('2026-01-04T10:00:00Z'), to: null },
    { from: new Date(0), to: null },
  ]);
  const made = new Date('2026-01-05T08:00:00Z').getTime().toString(16).padStart(12, '0');
  const id = `${made.slice(0, 8)}-${made.slice(8)}-7000-8000-00000000abcd`;
  expect(stretchesFor(id, now)).toEqual([
    { from: new Date('2026-01-05T07:00:00Z'), to: new Date('2026-01-05T09:00:00Z') },
    { from: new Date('2026-01-05T09:00:00Z'), to: null },
    { from: new Date('2026-01-05T07:00:00Z'), to: null },
    { from: new Date('2026-01-05T07:00:00Z'), to: null },
  ]);
});
