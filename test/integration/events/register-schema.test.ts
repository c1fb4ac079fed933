import avro from 'avsc';
import { ordersEvents } from '../../../src/contracts/orders-events.ts';
import { fingerprintOf } from '../../../src/events/event-schema.ts';
import type { EventSchema } from '../../../src/events/event-schema.ts';
import { registerSchema, writerSchemasFrom } from '../../../src/events/registry.ts';
import { stackValue } from '../../support/test-stack.ts';
import { uniquePrefix } from '../../support/test-topics.ts';

const subject = `${uniquePrefix()}parcel.events-shop.ParcelSent`;
const base = [{ name: 'parcelId', type: 'string', doc: 'The parcel.' }];

function version(number: number, fields: object[]): EventSchema {
  const text = JSON.stringify({ type: 'record', name: 'ParcelSent', namespace: 'shop', fields });
  const avroType = avro.Type.forSchema(JSON.parse(text) as avro.Schema);
  const fingerprint = fingerprintOf(avroType);
  return {
    topic: 'parcel.events',
    type: 'ParcelSent',
    version: number,
    recordName: 'shop.ParcelSent',
    subject,
    text,
    avroType,
    fingerprint,
  };
}

test('the same schema has the same id again, a compatible version another one, and both can be asked for', async () => {
  const url = stackValue('REGISTRY_URL');
  const first = await registerSchema(url, version(1, base));
  expect(await registerSchema(url, version(1, base))).toBe(first);
  const laidOutAnew = {
    ...version(1, base),
    text: JSON.stringify(JSON.parse(version(1, base).text), null, 4),
  };
  expect(await registerSchema(url, laidOutAnew)).toBe(first);
  const second = version(2, [...base, { name: 'weightGrams', type: 'long', default: 0 }]);
  const secondId = await registerSchema(url, second);
  expect(secondId).not.toBe(first);
  expect(fingerprintOf(await writerSchemasFrom(url)(secondId))).toBe(second.fingerprint);
});

test('an incompatible version is refused with the reason, and nothing is registered', async () => {
  const url = stackValue('REGISTRY_URL');
  const wrong = version(3, [...base, { name: 'carrier', type: 'string' }]);
  await expect(registerSchema(url, wrong)).rejects.toMatchObject({
    code: 'schema_incompatible',
    message: expect.stringContaining('carrier') as string,
  });
  const versions = (await (await fetch(`${url}/subjects/${subject}/versions`)).json()) as number[];
  expect(versions).toEqual([1, 2]);
});

test('an id that the registry does not have is told apart from a registry that is down', async () => {
  await expect(writerSchemasFrom(stackValue('REGISTRY_URL'))(999_999)).rejects.toMatchObject({
    code: 'schema_unknown',
  });
  await expect(writerSchemasFrom('http://127.0.0.1:9')(1)).rejects.toMatchObject({
    code: 'registry_unreachable',
  });
});

test('the schemas of the repository are all registered by the set-up', async () => {
  const url = stackValue('REGISTRY_URL');
  for (const schema of Object.values(ordersEvents.events)) {
    const answer = await fetch(`${url}/subjects/${schema.subject}/versions/latest`);
    expect(answer.status).toBe(200);
  }
});
