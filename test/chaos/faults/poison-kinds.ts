import { ordersEvents } from '../../../src/contracts/orders-events.ts';
import { WIRE_HEADER_BYTES, writeWireHeader } from '../../../src/events/wire-format.ts';

type PoisonKind = readonly [name: string, value: (schemaId: number) => Buffer];

/** Values that claim to be an ItemsReturned, and are not; by the id under which a real one is written. */
export const poisonKinds: readonly [PoisonKind, ...PoisonKind[]] = [
  ['no magic byte', () => Buffer.from([7, 0, 0, 0, 1, 2])],
  ['an unknown schema id', () => withId(2_000_000_000, aReturn())],
  ['nothing at all', () => Buffer.alloc(0)],
  ['cut off', (id) => withId(id, aReturn().subarray(0, 9))],
  ['a list of 268 million', (id) => withId(id, withHugeList())],
  ['bytes left over', (id) => withId(id, Buffer.concat([aReturn(), Buffer.from([1])]))],
];

function withId(schemaId: number, payload: Buffer): Buffer {
  const value = Buffer.concat([Buffer.alloc(WIRE_HEADER_BYTES), payload]);
  writeWireHeader(value, schemaId);
  return value;
}

/** Its last bytes are: no lines, and two numbers that are 0. */
const aReturn = (): Buffer =>
  ordersEvents.events.ItemsReturned.avroType.toBuffer({
    ...{ returnId: 'r', orderId: null, customerId: null, country: 'France', currency: 'GBP' },
    ...{ lines: [], totalMinor: 0, returnedAt: 0 },
  });

const withHugeList = (): Buffer =>
  Buffer.concat([aReturn().subarray(0, -3), Buffer.from('8080808002', 'hex')]);
