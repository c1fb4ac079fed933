import type { Verdict } from '../../../src/consumer/decide-key-order.ts';
import type { ReceivedEvent } from '../../../src/consumer/receive-records.ts';
import { recordedEvents, takenEvents } from '../../../src/consumer/taken-events.ts';
import type { ProcessedEvent } from '../../../src/consumer/processed-events.ts';

const definition = { handlers: { Counted: () => 1, Skipped: 'ignore' } } as const;
const occurredAt = new Date('2026-11-25T12:00:00Z');

const received = (eventId: string, type?: string): ReceivedEvent =>
  ({
    identity: { eventId },
    content: type === undefined ? { use: 'unusable' } : { use: 'apply', event: { type } },
  }) as unknown as ReceivedEvent;
const recorded = (type: string | null, outcome: string, applied: boolean): ProcessedEvent =>
  ({ type, outcome, applied, occurredAt }) as unknown as ProcessedEvent;
const verdicts = (...kinds: Verdict['kind'][]): Verdict[] => kinds.map((kind) => ({ kind }) as Verdict);

test('each event of a batch is counted once, by type and by what became of it', () => {
  const { counts, occurredAt: times } = takenEvents(
    definition,
    {
      events: [
        ...[received('1', 'Counted'), received('2', 'Counted'), received('3', 'Skipped')],
        ...[received('4', 'Counted'), received('5'), received('6', 'Counted'), received('7', 'Counted')],
      ],
      verdicts: verdicts('fresh', 'fresh', 'fresh', 'duplicate', 'failed', 'behind', 'duplicate'),
      skipped: new Set(['7']),
    },
    [
      ...[recorded('Counted', 'counted', true), recorded('Counted', 'counted', true)],
      ...[recorded('Skipped', 'ignored', false), recorded('Counted', 'skipped', false)],
    ],
  );
  expect(counts).toEqual([
    { type: 'Counted', outcome: 'counted', events: 2 },
    { type: 'Skipped', outcome: 'ignored', events: 1 },
    { type: 'Counted', outcome: 'skipped', events: 1 },
    { type: 'Counted', outcome: 'duplicate', events: 1 },
    { type: 'unknown', outcome: 'queued', events: 1 },
    { type: 'Counted', outcome: 'queued', events: 1 },
  ]);
  expect(times).toEqual([occurredAt, occurredAt]);
});

test('a type that this build does not know is no label: a header may hold anything', () => {
  const { counts } = recordedEvents(definition, [
    recorded('OfTomorrow', 'unknown_type', false),
    recorded('constructor', 'unknown_type', false),
    recorded(null, 'discarded', false),
  ]);
  expect(counts).toEqual([
    { type: 'unknown', outcome: 'unknown_type', events: 2 },
    { type: 'unknown', outcome: 'discarded', events: 1 },
  ]);
});
