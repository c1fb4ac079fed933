import avro from 'avsc';
import { v7 } from 'uuid';
import { ordersEvents } from '../../../src/contracts/orders-events.ts';
import { createRegistryRequest, subjectPath } from '../../../src/events/registry-request.ts';
import { WIRE_HEADER_BYTES, writeWireHeader } from '../../../src/events/wire-format.ts';
import { waitUntil } from '../../../src/platform/wait-until.ts';
import { stackValue } from '../../support/test-stack.ts';
import { chosen } from '../fault.ts';
import type { Fault } from '../fault.ts';
import type { Storm } from '../storm.ts';
import { produceRecords } from './topic-access.ts';

/** Both readers of orders.events decode it. */
const { subject } = ordersEvents.events.ItemsReturned;

const schemaForced: Fault = {
  name: 'schema-forced',
  what: 'a stranger takes the compatibility off a subject, registers a schema that nobody can read and writes an event with it; outbox schemas plan must name both, readers must hold the key, and one is started anew meanwhile; then outbox schemas apply',
  holdMs: [0, 3_000],
  weight: 0.5,
  async strike(storm, strike) {
    const { schemaId, version, text } = await forceSchema(strike.number);
    await writeForeign(storm, { number: strike.number, schemaId, text });
    const told = (await storm.commands.outbox(['schemas', 'plan'])).stdout;
    for (const line of [
      `${subject}: compatibility NONE →`,
      `${subject} has version ${version} in the registry`,
    ])
      if (!told.includes(line)) throw new Error(`schemas plan does not say "${line}": ${told}`);
    const name = chosen(strike, ['inventory', 'sales', 'orders']);
    await storm.pipeline.service(name).end('SIGKILL');
    await storm.hold(strike.holdMs);
    await storm.pipeline.restart(name);
    const { code, stderr } = await storm.commands.outbox(['schemas', 'apply']);
    if (code !== 0) throw new Error(`schemas apply ended with ${code}: ${stderr}`);
    const after = (await storm.commands.outbox(['schemas', 'plan'])).stdout;
    if (!after.includes('Nothing to do')) throw new Error(`There is still something to do: ${after}`);
    return `version ${version}, id ${schemaId}; ${name} started anew`;
  },
};

async function forceSchema(number: number): Promise<{ schemaId: number; version: number; text: string }> {
  const request = createRegistryRequest(stackValue('REGISTRY_URL'));
  const text = JSON.stringify({
    type: 'record',
    name: 'ItemsReturned',
    namespace: 'shop.orders',
    fields: [
      { name: 'returnId', type: 'long' },
      { name: `stranger${number}`, type: 'string' },
    ],
  });
  return waitUntil(
    async () => {
      await request('PUT', subjectPath('/config', subject), { compatibility: 'NONE' });
      const versions = subjectPath('/subjects', subject);
      await request('POST', `${versions}/versions`, { schema: text });
      const { status, body } = await request('POST', versions, { schema: text });
      if (status !== 200) throw new Error(`the registry answers ${status}: ${JSON.stringify(body)}`);
      const { id, version } = body as { id: number; version: number };
      return { schemaId: id, version, text };
    },
    { timeoutMs: 60_000, everyMs: 500, what: 'the schema to be registered' },
  );
}

/** As a correct producer of that schema would, under a key of its own. */
async function writeForeign(
  storm: Storm,
  { number, schemaId, text }: { number: number; schemaId: number; text: string },
): Promise<void> {
  const type = avro.Type.forSchema(JSON.parse(text) as avro.Schema);
  const payload = type.toBuffer({ returnId: number, [`stranger${number}`]: 'x' });
  const value = Buffer.concat([Buffer.alloc(WIRE_HEADER_BYTES), payload]);
  writeWireHeader(value, schemaId);
  const key = `foreign-${number}`;
  const headers = {
    ...{ id: v7(), eventType: 'ItemsReturned', aggregateId: key, keySeq: '1' },
    schemaFingerprint: type.fingerprint('sha256').subarray(0, 8).toString('hex'),
    ...{ occurredAt: new Date().toISOString(), traceparent: '' },
  };
  const topic = `${storm.pipeline.topicPrefix}orders.events`;
  await produceRecords(topic, [{ key, value, partition: number % 4, headers }]);
  storm.planted.push({ consumer: 'inventory', key }, { consumer: 'sales', key });
}

export const schemaFaults: readonly Fault[] = [schemaForced];
