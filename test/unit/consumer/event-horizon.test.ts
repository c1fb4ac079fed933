import { v7 } from 'uuid';
import { HORIZON_DAYS, refuseOutsideHorizon, timeOfEventId } from '../../../src/consumer/event-horizon.ts';

const now = new Date('2026-11-24T12:00:00Z');
const DAY = 86_400_000;

function judge(eventId: string) {
  const envelope = {
    eventId,
    type: 'Counted',
    key: 'k',
    keySeq: 1,
    aggregateId: 'a',
    schemaFingerprint: 'f',
    occurredAt: now,
    traceparent: null,
    topic: 't',
    partition: 0,
    offset: 5,
    value: Buffer.alloc(0),
  };
  return () => refuseOutsideHorizon(envelope, now);
}
const madeDaysAgo = (days: number): string => v7({ msecs: now.getTime() - days * DAY });

describe('the horizon of what is remembered', () => {
  test("reads the time in an event's id", () => {
    expect(timeOfEventId(v7({ msecs: 1_764_000_000_123 }))).toBe(1_764_000_000_123);
  });

  test('takes events up to its edge', () => {
    expect(judge(madeDaysAgo(0))).not.toThrow();
    expect(judge(madeDaysAgo(HORIZON_DAYS))).not.toThrow();
    expect(judge(madeDaysAgo(-1))).not.toThrow();
  });

  test('refuses an older event, saying how old it is', () => {
    expect(judge(madeDaysAgo(HORIZON_DAYS + 2))).toThrow(/^Event .* is 30 days old by its id/);
  });

  test('refuses an id whose day has no partition yet', () => {
    expect(judge(madeDaysAgo(-7))).toThrow('has an id that is not from now');
  });

  test('refuses a random id, which has no time in it', () => {
    expect(judge('f47ac10b-58cc-4372-a567-0e02b2c3d479')).toThrow('says');
  });
});
