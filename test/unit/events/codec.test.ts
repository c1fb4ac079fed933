import avro from 'avsc';
import { ordersEvents } from '../../../src/contracts/orders-events.ts';
import { createDecoder } from '../../../src/events/decoder.ts';
import { createEncoder, schemaKey } from '../../../src/events/encoder.ts';
import { fingerprintOf } from '../../../src/events/event-schema.ts';

const { OrderRejected } = ordersEvents.events;
const shortage = { sku: '85123A', requested: 9, available: 3, reason: 'OUT_OF_STOCK' as const };
const payload = {
  orderId: '01a20fb8-1291-7139-90f2-1eac07ebff13',
  customerId: null,
  reasons: [shortage],
  rejectedAt: 1_290_000_000_000,
};
const registered = { schemaId: 7, fingerprint: OrderRejected.fingerprint };
const encoder = createEncoder(new Map([[schemaKey(OrderRejected), registered]]));
const event = (value: Buffer, schemaFingerprint = OrderRejected.fingerprint) => ({
  type: 'OrderRejected',
  value,
  schemaFingerprint,
});

/** A decoder whose registry has one schema under each id, and counts how often it is asked. */
function decoderWith(schema: avro.Schema | avro.Type) {
  const writerType = schema instanceof avro.Type ? schema : avro.Type.forSchema(schema);
  const asked: number[] = [];
  const decoder = createDecoder({
    events: ordersEvents.events,
    writerSchema: (id) => {
      asked.push(id);
      return Promise.resolve(writerType);
    },
  });
  return { decoder, asked };
}

describe('encoding', () => {
  test('writes Confluent wire format: a zero byte, the schema id, the Avro bytes', () => {
    const bytes = encoder.encode(OrderRejected, payload);
    expect(bytes.subarray(0, 5).toString('hex')).toBe('0000000007');
    expect(bytes.subarray(5)).toEqual(OrderRejected.avroType.toBuffer(payload));
  });

  test('names the field that does not fit the schema', () => {
    const wrong = { ...payload, reasons: [{ ...payload.reasons[0], requested: 'nine' }] };
    expect(() => encoder.encode(OrderRejected, wrong as never)).toThrow(
      'OrderRejected v1 does not fit its schema: reasons.0.requested is a string, expected long.',
    );
  });

  test('refuses a schema that the database does not know, or knows with other content', () => {
    const stale = new Map([[schemaKey(OrderRejected), { schemaId: 7, fingerprint: 'other' }]]);
    for (const schemas of [new Map<string, never>(), stale]) {
      expect(() => createEncoder(schemas).encode(OrderRejected, payload)).toThrow(
        /OrderRejected v1 is (not )?registered/,
      );
    }
  });

  test('grows its buffer for a payload of any size, and keeps earlier results whole', () => {
    const small = encoder.encode(OrderRejected, payload);
    const before = Buffer.from(small);
    const many = { ...payload, reasons: Array.from({ length: 5_000 }, () => shortage) };
    expect(encoder.encode(OrderRejected, many).length).toBeGreaterThan(50_000);
    expect(small).toEqual(before);
  });
});

test('refuses an event that Kafka would refuse', () => {
  const many = { ...payload, reasons: Array.from({ length: 90_000 }, () => shortage) };
  expect(() => encoder.encode(OrderRejected, many)).toThrow(
    /OrderRejected would be \d+ bytes; an event may have 900000/,
  );
});

describe('decoding', () => {
  test('gives back what was encoded, and asks for each schema once', async () => {
    const { decoder, asked } = decoderWith(OrderRejected.avroType);
    const value = encoder.encode(OrderRejected, payload);
    expect(await decoder.decode(event(value))).toEqual(payload);
    await Promise.all([decoder.decode(event(value)), decoder.decode(event(value))]);
    expect(asked).toEqual([7]);
  });

  test('reads a writer that has one more field, and fills a field that the writer did not have yet', async () => {
    const json = JSON.parse(OrderRejected.text) as { fields: { name: string }[] };
    const [orderId, , ...rest] = json.fields;
    const other = { ...json, fields: [orderId, { name: 'channel', type: 'string' }, ...rest] };
    const writerType = avro.Type.forSchema(other as avro.Schema);
    const { customerId: _, ...withoutCustomer } = payload;
    const value = Buffer.concat([
      Buffer.from('0000000007', 'hex'),
      writerType.toBuffer({ ...withoutCustomer, channel: 'web' }),
    ]);
    const { decoder } = decoderWith(writerType);
    expect(await decoder.decode(event(value, fingerprintOf(writerType)))).toEqual(payload);
  });

  test('stops when the registry has another schema under the id than the event was written with', async () => {
    const { decoder } = decoderWith({ type: 'record', name: 'OrderRejected', fields: [] });
    await expect(decoder.decode(event(encoder.encode(OrderRejected, payload)))).rejects.toMatchObject({
      code: 'fingerprint_mismatch',
    });
  });

  test.each([
    ['no wire format', Buffer.from('{"orderId":1}'), /not in Confluent wire format/],
    ['cut off', encoder.encode(OrderRejected, payload).subarray(0, 30), /end too early/],
    [
      'one byte too many',
      Buffer.concat([encoder.encode(OrderRejected, payload), Buffer.alloc(1)]),
      /1 bytes are left over/,
    ],
    ['empty', Buffer.alloc(0), /0 bytes/],
  ])('refuses bytes that are %s', async (_, value, message) => {
    const { decoder } = decoderWith(OrderRejected.avroType);
    const failure = decoder.decode(event(value));
    await expect(failure).rejects.toThrow(message);
    await expect(failure).rejects.toMatchObject({ code: 'event_unreadable' });
  });

  test('asks again after the registry failed', async () => {
    let isUp = false;
    const decoder = createDecoder({
      events: ordersEvents.events,
      writerSchema: () =>
        isUp ? Promise.resolve(OrderRejected.avroType) : Promise.reject(new Error('down')),
    });
    const value = encoder.encode(OrderRejected, payload);
    await expect(decoder.decode(event(value))).rejects.toThrow('down');
    isUp = true;
    expect(await decoder.decode(event(value))).toEqual(payload);
  });
});
