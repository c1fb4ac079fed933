import type { AuditedService } from '../../../src/operate/audit/audited-pipeline.ts';
import type { EventRow } from '../../../src/operate/audit/event-row.ts';
import type { Reader } from '../../../src/operate/audit/readers.ts';
import { scanOutbox } from '../../../src/operate/audit/scan-outbox.ts';

const id = (at: number): string => `0193${String(at).padStart(4, '0')}-0000-7000-8000-000000000000`;
const row = (at: number, changes: Partial<EventRow> = {}): EventRow => ({
  rowId: id(at),
  eventId: id(at),
  topic: 'a.events',
  key: 'k',
  keySeq: at,
  type: 'Said',
  ...changes,
});

/** Knows these events; anything else that it is asked for is unknown to it. */
function reader(consumer: string, known: readonly number[], fails = false): Reader & { asked: number[] } {
  const asked: number[] = [];
  const query = ({ values }: { values?: readonly unknown[] }) => {
    const ids = values?.[1] as string[];
    asked.push(ids.length);
    if (fails) return Promise.reject(new Error('connect ECONNREFUSED'));
    const has = ids.filter((one) => known.some((at) => id(at) === one));
    const unknown = ids.filter((one) => !has.includes(one));
    return Promise.resolve({
      rowCount: 0,
      rows: [
        { fate: 'applied', events: has.length, event_id: null },
        ...unknown.map((event_id) => ({ fate: 'unknown', events: 1, event_id })),
      ],
    });
  };
  const service = { name: consumer, database: consumer, db: { query }, outbox: undefined };
  return {
    consumer,
    service: service as unknown as AuditedService,
    since: new Map([['a.events\nSaid', new Date(0)]]),
    asked,
  };
}

async function* pagesOf(...pages: EventRow[][]): AsyncGenerator<EventRow[]> {
  yield* await Promise.resolve(pages);
}

const options = { maxSuspects: 100, signal: new AbortController().signal };
const suspectsOf = ({ suspects }: Awaited<ReturnType<typeof scanOutbox>>) =>
  suspects.map(({ reader: { consumer }, row: { keySeq } }) => `${consumer} ${keySeq}`);

test('asks every reader for what it subscribes to, page by page', async () => {
  const [both, one] = [reader('both', [1, 2, 3]), reader('one', [1, 3])];
  const scan = await scanOutbox(pagesOf([row(1), row(2)], [row(3), row(4, { type: 'Other' })]), {
    ...options,
    readers: [both, one],
  });
  expect(scan).toMatchObject({ rows: 4, openFrom: undefined });
  expect(suspectsOf(scan)).toEqual(['one 2']);
  expect(both.asked).toEqual([2, 1]);
  expect(scan.tallies.get(both)).toMatchObject({ expected: 3, fates: new Map([['applied', 3]]) });
});

test('what was said before a reader subscribed is not its business', async () => {
  const late = { ...reader('late', []), since: new Map([['a.events\nSaid', new Date('2199-01-01')]]) };
  expect(suspectsOf(await scanOutbox(pagesOf([row(1)]), { ...options, readers: [late] }))).toEqual([]);
});

test('an event in two rows is one event, and its oldest row counts', async () => {
  const none = reader('none', []);
  const again = row(7, { eventId: id(1) });
  const scan = await scanOutbox(pagesOf([row(1), again], [{ ...again, rowId: id(8) }]), {
    ...options,
    readers: [none],
  });
  expect(scan.suspects.map((suspect) => suspect.row.rowId)).toEqual([id(1)]);
});

test('remembers the oldest suspects only; nothing from the first that is not remembered on is proven', async () => {
  const none = reader('none', []);
  const scan = await scanOutbox(pagesOf([row(1), row(2), row(3)], [row(4)]), {
    ...options,
    readers: [none],
    maxSuspects: 2,
  });
  expect(suspectsOf(scan)).toEqual(['none 1', 'none 2']);
  expect(scan.openFrom).toBe(id(3));
  expect(scan.tallies.get(none)?.beyond).toBe(2);
});

test('a reader that can not be asked keeps nobody from asking the others, and is not asked again', async () => {
  const [away, there] = [reader('away', [], true), reader('there', [1, 2])];
  const scan = await scanOutbox(pagesOf([row(1)], [row(2)]), { ...options, readers: [away, there] });
  expect(scan.openFrom).toBe(id(1));
  expect(away.asked).toEqual([1]);
  expect(scan.tallies.get(there)?.fates).toEqual(new Map([['applied', 2]]));
  expect(scan.tallies.get(away)?.problem).toEqual(new Error('connect ECONNREFUSED'));
});
