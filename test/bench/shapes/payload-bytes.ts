import { ordersEvents } from '../../../src/contracts/orders-events.ts';
import { WIRE_HEADER_BYTES } from '../../../src/events/wire-format.ts';
import { orderStream } from '../apply/order-stream.ts';
import type { OrderStreamOptions } from '../apply/order-stream.ts';

/** As long in Avro as any other. */
const SOME_ID = '00000000-0000-7000-8000-000000000000';
const SOME_TIME = Date.UTC(2026, 0, 1);

/** Pure: bytes of an OrderPlaced event's payload, as the outbox holds it, on average over these orders. */
export function payloadBytes(options: OrderStreamOptions): number {
  const { avroType } = ordersEvents.events.OrderPlaced;
  let bytes = 0;
  for (const { payload } of orderStream(options, { newId: () => SOME_ID, placedAt: SOME_TIME }))
    bytes += WIRE_HEADER_BYTES + avroType.toBuffer(payload).length;
  return bytes / options.orders;
}
