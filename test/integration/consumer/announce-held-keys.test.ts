import { pino } from 'pino';
import type { KeyHeld, KeyReleased } from '../../../src/consumer/announcing.ts';
import { ordersEventsInventoryParked } from '../../../src/contracts/orders-events-inventory-parked.ts';
import { createEncoder, type EventSchemas } from '../../../src/events/encoder.ts';
import { WIRE_HEADER_BYTES } from '../../../src/events/wire-format.ts';
import { loadEventSchemas } from '../../../src/outbox/load-event-schemas.ts';
import { silentLog } from '../../../src/platform/log.ts';
import { createPool } from '../../../src/platform/postgres/pool.ts';
import { produceEvents } from '../../support/produce-events.ts';
import { countedEvents } from '../../support/tally-consumer.ts';
import type { TallyChange } from '../../support/tally-consumer.ts';
import { createTallyFixture } from '../../support/tally-fixture.ts';
import type { TallyFixture } from '../../support/tally-fixture.ts';

const { events } = ordersEventsInventoryParked;
let tally: TallyFixture;
let schemas: EventSchemas;
beforeEach(async () => {
  tally = await createTallyFixture({ service: 'inventory' });
  schemas = await loadEventSchemas(tally.database.pool, Object.values(events));
});
afterEach(() => tally.close());

interface Announced {
  readonly type: keyof typeof events;
  readonly key: string;
  readonly payload: KeyHeld | KeyReleased;
}

/** What the outbox says of held keys, in the order in which it was said. */
async function announced(): Promise<Announced[]> {
  const { rows } = await tally.database.pool.query<Omit<Announced, 'payload'> & { bytes: Buffer }>({
    text: `select event_type as type, partition_key as key, payload as bytes from pipeline.outbox
           where topic = 'orders.events.inventory.parked' order by id`,
  });
  return rows.map(({ type, key, bytes }) => ({
    type,
    key,
    payload: events[type].avroType.fromBuffer(bytes.subarray(WIRE_HEADER_BYTES)) as KeyHeld | KeyReleased,
  }));
}

/** A handler that refuses some sequences of key a until they are mended. */
function refusing(...sequences: number[]) {
  const broken = new Set(sequences);
  const onHandle = ({ key, keySeq }: TallyChange): void => {
    if (key === 'a' && broken.has(keySeq)) throw new Error(`not ${keySeq}`);
  };
  return { onHandle, mend: (keySeq: number) => broken.delete(keySeq) };
}

test('a key that is parked, fails again, goes on to the next failure and flows again is announced at each step', async () => {
  const { onHandle, mend } = refusing(2, 4);
  const sent = countedEvents('a', 5);
  await produceEvents(tally.topic, sent);
  await tally.start({ onHandle, announcing: { encoder: createEncoder(schemas), events } });
  await tally.heldAre({ a: 4 });
  const before = Date.now();
  expect(await announced()).toEqual([
    {
      type: 'KeyHeld',
      key: 'a',
      payload: expect.objectContaining({
        consumer: 'tally',
        topic: 'tally.events',
        key: 'a',
        state: 'parked',
        code: 'event_handler_failed',
        reason: expect.stringContaining('not 2') as string,
        eventId: sent[1]?.eventId,
        eventType: 'Counted',
        keySeq: 2,
        partition: 0,
        offset: 1,
        attempts: 1,
        expectedSeq: null,
      }) as KeyHeld,
    },
  ]);
  await tally.ask('a', 'redrive');
  mend(2);
  await tally.ask('a', 'redrive');
  mend(4);
  expect(await tally.ask('a', 'redrive')).toEqual({ kind: 'released' });
  const [, again, next, released, ...more] = await announced();
  expect(again?.payload).toMatchObject({ eventId: sent[1]?.eventId, attempts: 2 });
  expect(next?.payload).toMatchObject({ eventId: sent[3]?.eventId, keySeq: 4, attempts: 1 });
  expect(released).toMatchObject({
    type: 'KeyReleased',
    payload: { consumer: 'tally', key: 'a', request: 'redrive', requestedBy: 'olga' },
  });
  expect((released?.payload as KeyReleased).releasedAt).toBeGreaterThanOrEqual(before);
  expect(more).toEqual([]);
});

test('a key that waits is announced with what is missing, and when that came', async () => {
  const [a1, a2, a3, a4] = countedEvents('a', 4);
  await tally.start({ announcing: { encoder: createEncoder(schemas), events } });
  await produceEvents(
    tally.topic,
    [a1, a3, a4].flatMap((event) => event ?? []),
  );
  await tally.heldAre({ a: 2 });
  // Somebody looks whether it goes on, which is no news.
  await tally.ask('a', 'redrive');
  await produceEvents(tally.topic, a2 === undefined ? [] : [a2]);
  await tally.heldAre({});
  expect(await announced()).toMatchObject([
    { type: 'KeyHeld', payload: { state: 'waiting', code: 'event_gap', expectedSeq: 2, keySeq: 3 } },
    { type: 'KeyReleased', payload: { request: null, requestedBy: null } },
  ]);
});

test('an event that the database refuses in a queue is announced as well', async () => {
  let isMended = false;
  await produceEvents(tally.topic, countedEvents('a', 3));
  await tally.start({
    announcing: { encoder: createEncoder(schemas), events },
    async onApply(tx, changes) {
      if (changes.some(({ keySeq }) => keySeq === 3 || (keySeq === 2 && !isMended)))
        await tx.query({ text: "insert into entries values (default, 'x', null, 1)" });
    },
  });
  await tally.heldAre({ a: 2 });
  isMended = true;
  await tally.ask('a', 'redrive');
  expect((await announced()).map(({ payload }) => 'keySeq' in payload && payload.keySeq)).toEqual([2, 3]);
});

test.each([
  ['the schema is not known', () => createEncoder(new Map()), 'is not registered'],
  ['the outbox takes no row', () => createEncoder(schemas), 'permission denied'],
])('keys are parked and redriven all the same when %s, and the log says so', async (_, encoder, reason) => {
  await revokeOutbox();
  const said: string[] = [];
  const log = pino({ level: 'error' }, { write: (line) => void said.push(line) });
  const { onHandle, mend } = refusing(2);
  await produceEvents(tally.topic, [...countedEvents('a', 3), ...countedEvents('b', 2)]);
  await tally.start({ onHandle, log, announcing: { encoder: encoder(), events } });
  await tally.heldAre({ a: 2 });
  await tally.positionIs(5);
  mend(2);
  expect(await tally.ask('a', 'redrive')).toEqual({ kind: 'released' });
  expect((await tally.entries()).map(({ key, key_seq }) => `${key}${key_seq}`)).toEqual([
    ...['a1', 'b1', 'b2', 'a2', 'a3'],
  ]);
  const problems = said.filter((line) => line.includes('could not announce') && line.includes(reason));
  expect(problems).toHaveLength(2);
});

async function revokeOutbox(): Promise<void> {
  const owner = createPool({
    connectionString: tally.database.adminUrl,
    applicationName: 'test',
    log: silentLog,
    max: 1,
  });
  await owner.query({ text: 'revoke insert on pipeline.outbox from pipeline_app' });
  await owner.end();
}
