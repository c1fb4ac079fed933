import type { SpanEnd, SpanStart, Tracing } from '../../../src/platform/tracing/tracing.ts';
import { produceEvents, testEvent } from '../../support/produce-events.ts';
import type { TestEvent } from '../../support/produce-events.ts';
import { createTallyFixture } from '../../support/tally-fixture.ts';
import type { TallyFixture } from '../../support/tally-fixture.ts';

let tally: TallyFixture;
beforeEach(async () => {
  tally = await createTallyFixture();
});
afterEach(() => tally.close());

/** Keeps what was ended, as any collector would get it. */
function recordSpans(): { tracing: Tracing; ended: (SpanStart & SpanEnd)[] } {
  const ended: (SpanStart & SpanEnd)[] = [];
  const tracing: Tracing = {
    isOn: true,
    startSpan: (start) => ({
      traceparent: 'of the span',
      end: (end = {}) =>
        void ended.push({ ...start, ...end, attributes: { ...start.attributes, ...end.attributes } }),
    }),
  };
  return { tracing, ended };
}

const event = (type: 'Counted' | 'Skipped', key: string, keySeq: number): TestEvent =>
  testEvent({
    type,
    key,
    keySeq,
    payload: { amount: keySeq },
    headers: { traceparent: `caused ${key} ${keySeq}` },
  });

const told = ({ parent, attributes, error }: SpanStart & SpanEnd): string =>
  [parent, attributes['outbox.outcome'], error].filter(Boolean).join(', ');

test('each applied event has a span below its publisher, and each parked one with an error; ignored, queued and repeated ones have none', async () => {
  const { tracing, ended } = recordSpans();
  const again = event('Counted', 'a', 1);
  await produceEvents(tally.topic, [
    again,
    event('Skipped', 'a', 2),
    event('Counted', 'b', 1),
    event('Counted', 'b', 2),
    again,
    event('Counted', 'a', 3),
  ]);
  let isMended = false;
  await tally.start({
    tracing,
    onHandle: ({ key }) => {
      if (key === 'b' && !isMended) throw new Error('not yet');
    },
  });
  await tally.positionIs(6);
  expect(ended.map(told)).toEqual([
    'caused a 1, counted',
    'caused a 3, counted',
    'caused b 1, parked, parked: event_handler_failed; see npx outbox parked list',
  ]);
  expect(ended[0]).toMatchObject({
    name: `process ${tally.topic}`,
    kind: 'consumer',
    attributes: {
      'messaging.destination.partition.id': '0',
      'messaging.kafka.offset': 0,
      'messaging.consumer.group.name': tally.group,
      'messaging.message.id': again.eventId,
      'outbox.event_type': 'Counted',
    },
  });

  await tally.ask('b', 'redrive');
  expect(ended.slice(3).map(told)).toEqual([
    'caused b 1, parked, parked: event_handler_failed; see npx outbox parked list',
  ]);
  isMended = true;
  await tally.ask('b', 'redrive');
  expect(ended.slice(4).map(told)).toEqual(['caused b 1, counted', 'caused b 2, counted']);
});

test('a transaction that is rolled back is told only when it has succeeded; an event found by halving it ends with an error', async () => {
  const { tracing, ended } = recordSpans();
  await produceEvents(
    tally.topic,
    [1, 2, 3].map((keySeq) => event('Counted', `k${keySeq}`, 1)),
  );
  await tally.start({
    tracing,
    onApply: (_tx, changes) =>
      changes.some(({ key }) => key === 'k2') ? Promise.reject(new Error('no k2')) : Promise.resolve(),
  });
  await tally.positionIs(3);
  await tally.heldAre({ k2: 1 });
  expect(ended.map(told).sort()).toEqual([
    'caused k1 1, counted',
    expect.stringMatching(/^caused k2 1, parked, parked: \w+; see/),
    'caused k3 1, counted',
  ]);
});
