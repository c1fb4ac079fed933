import { eventIds } from '../../../src/consumer/event-ids.ts';
import { ordersEvents } from '../../../src/contracts/orders-events.ts';

const eventId = '0199b6f0-0000-7000-8000-000000000001';
const aggregateId = '0199b6f0-0000-7000-8000-000000000002';
const traceId = '0af7651916cd43dd8448eb211c80319c';

const idsOf = (headers: Record<string, string>) =>
  eventIds(
    {
      identity: { eventId, partition: 2, offset: 7 },
      record: {
        offset: '7',
        key: Buffer.from('ada.lovelace'),
        value: null,
        headers: Object.fromEntries(Object.entries(headers).map(([name, text]) => [name, Buffer.from(text)])),
      },
    },
    ordersEvents,
  );

test.each([
  ['OrderPlaced', { orderId: aggregateId }],
  ['ItemsReturned', { returnId: aggregateId }],
])('of %s a log line names what it is about, the event and the trace', (eventType, about) => {
  const headers = { eventType, aggregateId, traceparent: `00-${traceId}-b7ad6b7169203331-01` };
  expect(idsOf(headers)).toEqual({ ...about, eventId, traceId, type: eventType, partition: 2, offset: 7 });
});

test('a record that holds anything else in its headers gets none of it into a line', () => {
  const customer = 'ada.lovelace';
  expect(idsOf({ eventType: customer, aggregateId: customer, traceparent: customer })).toEqual({
    ...{ eventId, partition: 2, offset: 7 },
  });
  expect(idsOf({ eventType: 'OrderPlaced', aggregateId: customer })).toEqual({
    ...{ eventId, type: 'OrderPlaced', partition: 2, offset: 7 },
  });
});
