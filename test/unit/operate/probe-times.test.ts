import fc from 'fast-check';
import { hopsOf, slowestHop } from '../../../src/operate/probe/probe-times.ts';

const times = { sentAt: 1_000, committedAt: 1_008, readAt: 1_010, appendedAt: 1_030, arrivedAt: 1_033 };

test('the hops are what lies between the times', () => {
  expect(hopsOf(times)).toEqual({ commit: 8, wal: 2, kafka: 20, arrival: 3 });
  expect(slowestHop(hopsOf(times))).toBe('kafka');
});

test('a row that Debezium read before we heard of our COMMIT has no hop below 0', () => {
  expect(hopsOf({ ...times, readAt: 1_005 })).toEqual({ commit: 8, wal: 0, kafka: 22, arrival: 3 });
});

test('without the time of reading the way from COMMIT to the broker is one hop', () => {
  expect(hopsOf({ ...times, readAt: undefined })).toEqual({ commit: 8, kafka: 22, arrival: 3 });
});

test("a broker's clock that is ahead of ours does not make the way longer than it was", () => {
  expect(hopsOf({ ...times, appendedAt: 9_000 })).toEqual({ commit: 8, wal: 2, kafka: 23, arrival: 0 });
});

test('whatever the clocks say, the hops add up to the age and none is below 0', () => {
  const at = fc.integer({ min: 0, max: 10_000 });
  fc.assert(
    fc.property(
      at,
      at,
      fc.option(at, { nil: undefined }),
      at,
      at,
      (sentAt, commit, readAt, appendedAt, way) => {
        const arrivedAt = sentAt + commit + way;
        const hops = Object.values(
          hopsOf({ sentAt, committedAt: sentAt + commit, readAt, appendedAt, arrivedAt }),
        );
        expect(Math.min(...hops)).toBeGreaterThanOrEqual(0);
        expect(hops.reduce((sum, ms) => sum + ms, 0)).toBe(arrivedAt - sentAt);
      },
    ),
  );
});
