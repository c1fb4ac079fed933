import { explainChange, explainPlace } from '../../../src/connect/explain-offsets.ts';
import { lsnText, parseLsn } from '../../../src/connect/lsn.ts';

const slot = (confirmedLsn: bigint) => ({ name: 's', confirmedLsn });

test('says what slot and offset mean together', () => {
  expect(explainPlace(100n, slot(100n))).toMatch(/^The slot stands at the offset: .* nothing is lost/);
  expect(explainPlace(100n, slot(90n))).toMatch(/10 bytes behind the offset: .* nothing is lost/);
  expect(explainPlace(100n, slot(130n))).toMatch(/30 bytes AHEAD of the offset: .* heal mends it/);
  expect(explainPlace(100n, undefined)).toMatch(/offset but no slot/);
  expect(explainPlace(undefined, slot(1n))).toMatch(/no offset, but a slot/);
  expect(explainPlace(undefined, undefined)).toMatch(/neither slot nor offset/);
});

test('says what a change of the offset does', () => {
  expect(explainChange(100n, 150n, slot(100n))[0]).toMatch(
    /in the 50 bytes of the log after 0\/64 are passed over/,
  );
  expect(explainChange(100n, 150n, slot(100n))).toHaveLength(1);
  // The slot has passed it already: nothing more is passed over by going there too.
  expect(explainChange(100n, 150n, slot(150n))).toEqual([expect.stringMatching(/nothing is lost/)]);
  expect(explainChange(100n, 60n, slot(100n))).toEqual([
    'The position goes back by 40 bytes.',
    expect.stringContaining('40 bytes AHEAD') as string,
  ]);
  expect(explainChange(100n, 100n, slot(100n))[0]).toMatch(/stored already/);
  expect(explainChange(100n, undefined, slot(100n))[0]).toMatch(/resume will refuse until .* heal/);
  expect(explainChange(100n, undefined, undefined)[0]).toMatch(/every row that the outbox still has/);
  expect(explainChange(undefined, 100n, slot(100n))[0]).toMatch(/nothing is lost/);
  expect(explainChange(undefined, 200n, slot(100n))[0]).toMatch(/100 bytes .* passed over/);
});

test('reads and writes positions as Postgres does', () => {
  expect(parseLsn('1A/2B3C')).toBe(0x1a_0000_2b3cn);
  expect(lsnText(0x1a_0000_2b3cn)).toBe('1A/2B3C');
  expect(parseLsn(lsnText(27439048n))).toBe(27439048n);
  expect(() => parseLsn('27439048')).toThrow(/is no position/);
});
