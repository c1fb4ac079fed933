import avro from 'avsc';
import fc from 'fast-check';
import { ordersEvents } from '../../../src/contracts/orders-events.ts';
import { bytesCheckFor } from '../../../src/events/bytes-check.ts';
import { createDecoder } from '../../../src/events/decoder.ts';
import type { PipelineError } from '../../../src/platform/errors.ts';

const everything = avro.Type.forSchema({
  type: 'record',
  name: 'Everything',
  fields: [
    { name: 'flag', type: 'boolean' },
    { name: 'count', type: { type: 'long', logicalType: 'timestamp-millis' } },
    { name: 'small', type: 'float' },
    { name: 'ratio', type: 'double' },
    { name: 'raw', type: 'bytes' },
    { name: 'code', type: { type: 'fixed', name: 'Code', size: 2 } },
    { name: 'colour', type: { type: 'enum', name: 'Colour', symbols: ['RED', 'BLUE'] } },
    {
      name: 'lines',
      type: {
        type: 'array',
        items: { type: 'record', name: 'Line', fields: [{ name: 'sku', type: 'string' }] },
      },
    },
    { name: 'tags', type: { type: 'map', values: 'long' } },
    { name: 'next', type: ['null', 'Everything'] },
  ],
});

const values = fc.letrec((tie) => ({
  everything: fc.record({
    flag: fc.boolean(),
    count: fc.integer(),
    small: fc.constant(0.5),
    ratio: fc.double({ noNaN: true }),
    raw: fc.uint8Array({ maxLength: 5 }).map((bytes) => Buffer.from(bytes)),
    code: fc.constant(Buffer.from([1, 2])),
    colour: fc.constantFrom('RED', 'BLUE'),
    lines: fc.array(fc.record({ sku: fc.string() }), { maxLength: 5 }),
    tags: fc.dictionary(fc.string(), fc.integer(), { maxKeys: 3 }),
    next: fc.option(tie('everything'), { depthSize: 'small' }),
  }),
})).everything;

const bytes = (hex: string): Buffer => Buffer.from(hex, 'hex');
const check = (type: avro.Schema, hex: string): void =>
  bytesCheckFor(avro.Type.forSchema(type))(bytes(hex), 0);

test('lets everything pass that avsc has written', () => {
  fc.assert(
    fc.property(values, (value) => {
      bytesCheckFor(everything)(everything.toBuffer(value), 0);
    }),
  );
});

test.each([
  ['an array of 268 million', { type: 'array', items: 'long' }, '8080808002', '268435456 items are claimed'],
  [
    'an array of more than can be counted',
    { type: 'array', items: 'int' },
    'feffffffffffffffff01',
    'claimed',
  ],
  ['the same with a negative count', { type: 'array', items: 'int' }, 'ffffffffffffffffff0100', 'claimed'],
  ['a map of 268 million', { type: 'map', values: 'int' }, '8080808002', '268435456 items are claimed'],
  ['nulls without end', { type: 'array', items: 'null' }, '8080808002', '268435456 items are claimed'],
  [
    'nulls without end in small blocks',
    { type: 'array', items: { type: 'array', items: 'null' } },
    `06${'a09c0100'.repeat(3)}00`,
    '10000 items are claimed',
  ],
  ['a text of 268 million', 'string', '8080808002', 'the bytes end too early'],
  ['bytes of a negative length', 'bytes', '03', 'a length is -2'],
  ['a number without end', 'long', 'ffffffffffffffffffff01', 'a number has more than 64 bits'],
  ['a number that breaks off', 'long', '80', 'the bytes end too early'],
  ['a branch that is not there', ['null', 'string'], '04', 'there is no branch of a union with number 2'],
  ['a negative branch', ['null', 'string'], '01', 'there is no branch of a union with number -1'],
  ['a symbol that is not there', { type: 'enum', name: 'E', symbols: ['A'] }, '02', 'no symbol of an enum'],
  ['what is left over', 'boolean', '0101', '1 bytes are left over'],
] as [string, avro.Schema, string, string][])('refuses %s', (_, type, hex, reason) => {
  expect(() => check(type, hex)).toThrow(reason);
});

test('takes blocks that say their length', () => {
  check({ type: 'array', items: 'int' }, '03040204' + '00');
});

describe('a decoder that gets bytes that are no event', () => {
  const { OrderPlaced } = ordersEvents.events;
  const decoder = createDecoder({
    events: { OrderPlaced, Everything: { ...OrderPlaced, avroType: everything } },
    writerSchema: (id) => Promise.resolve(id === 1 ? OrderPlaced.avroType : everything),
  });
  const fingerprint = everything.fingerprint('sha256').subarray(0, 8).toString('hex');
  const decode = (payload: Uint8Array): Promise<unknown> =>
    decoder.decode({
      type: 'Everything',
      value: Buffer.concat([bytes('0000000002'), payload]),
      schemaFingerprint: fingerprint,
    });

  test('refuses a list that claims more lines than there are bytes', async () => {
    const order = OrderPlaced.avroType.toBuffer({
      orderId: 'o',
      customerId: null,
      country: 'France',
      currency: 'GBP',
      lines: [],
      totalMinor: 0,
      placedAt: 0,
    });
    // The last bytes: no lines, and two numbers that are 0.
    const value = Buffer.concat([bytes('0000000001'), order.subarray(0, -3), bytes('8080808002')]);
    const failure = decoder.decode({
      type: 'OrderPlaced',
      value,
      schemaFingerprint: OrderPlaced.fingerprint,
    });
    await expect(failure).rejects.toMatchObject({ code: 'event_unreadable' });
    await expect(failure).rejects.toThrow('268435456 items are claimed where 0 bytes are left');
  });

  test('refuses bytes that nest without end', async () => {
    const level = everything.toBuffer({
      flag: true,
      count: 0,
      small: 0,
      ratio: 0,
      raw: Buffer.alloc(0),
      code: Buffer.alloc(2),
      colour: 'RED',
      lines: [],
      tags: {},
      next: null,
    });
    const deeper = Buffer.concat([level.subarray(0, -1), bytes('02')]);
    const nested = Buffer.concat([...Array.from({ length: 30_000 }, () => deeper), level]);
    await expect(decode(nested)).rejects.toMatchObject({ code: 'event_unreadable' });
  });

  test('answers or refuses at once, whatever was changed in an event', async () => {
    const change = fc.record({
      at: fc.nat(),
      to: fc.uint8Array({ minLength: 1, maxLength: 10 }),
      cut: fc.nat(9),
    });
    await fc.assert(
      fc.asyncProperty(values, fc.array(change, { minLength: 1, maxLength: 3 }), async (value, changes) => {
        let payload = everything.toBuffer(value);
        for (const { at, to, cut } of changes) {
          const from = at % (payload.length + 1);
          payload = Buffer.concat([payload.subarray(0, from), to, payload.subarray(from + cut)]);
        }
        const startedAt = performance.now();
        const error = await decode(payload).then(
          () => undefined,
          (reason: unknown) => reason as PipelineError,
        );
        if (error !== undefined) expect(error.code).toBe('event_unreadable');
        expect(performance.now() - startedAt).toBeLessThan(500);
      }),
      { numRuns: 500 },
    );
  });
});
