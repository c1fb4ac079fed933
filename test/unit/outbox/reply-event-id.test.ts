import { validate, version } from 'uuid';
import { replyEventId } from '../../../src/outbox/reply-event-id.ts';

const cause = '01a20fb8-1291-7139-90f2-1eac07ebff13';

test('is a UUIDv7 with the time of its cause', () => {
  const id = replyEventId('inventory', cause, 'StockReserved');
  expect(validate(id)).toBe(true);
  expect(version(id)).toBe(7);
  expect(id.slice(0, 13)).toBe(cause.slice(0, 13));
});

test('is the same for the same consumer, cause and type, and another one otherwise', () => {
  const ids = [
    replyEventId('inventory', cause, 'StockReserved'),
    replyEventId('orders', cause, 'StockReserved'),
    replyEventId('inventory', cause, 'StockRejected'),
    replyEventId('inventory', '01a20fb8-1291-71cf-8a82-c3f15bd04b5e', 'StockReserved'),
  ];
  expect(new Set(ids).size).toBe(4);
  expect(replyEventId('inventory', cause, 'StockReserved')).toBe(ids[0]);
});
