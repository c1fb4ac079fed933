import { RecentRecords } from '../../../src/dashboard/collect/recent-records.ts';

const record = (id: string, offset: number) => ({
  headers: { id, readAt: '1700000000000' },
  ...{ partition: 1, offset, timestamp: 1_800_000_000_000 },
});

test('an event is where it was said first, at the time at which Debezium read it; the oldest are forgotten', () => {
  const records = new RecentRecords(2);
  records.add(record('a', 1));
  records.add(record('b', 2));
  records.add(record('b', 7));
  expect(records.get('b')).toEqual({ partition: 1, offset: 2, readAt: new Date(1_700_000_000_000) });
  records.add(record('c', 3));
  expect(records.get('a')).toBeUndefined();
  expect(records.get('c')?.offset).toBe(3);
});
