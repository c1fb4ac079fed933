import { idBefore } from '../../../src/operate/audit/event-row.ts';
import {
  judgeSuspect,
  REPAIR_AGAIN_AFTER_MS,
  whyNotRepaired,
  type SuspectFacts,
} from '../../../src/operate/audit/judge-suspect.ts';

const row = { rowId: '05', eventId: 'e', topic: 't', key: 'k', keySeq: 1, type: 'T' };
const facts = (changes: Partial<SuspectFacts> = {}): SuspectFacts => ({
  row,
  slotPassed: '10',
  consumerPassed: '10',
  place: undefined,
  repairs: undefined,
  inTopic: undefined,
  ...changes,
});
const repair = (newestRow: string, times = 1) => ({ times, newestRow, newestAt: new Date(0) });
const place = { skipped: false, beforeBase: false, overtaken: true };

test.each([
  ['no known place of the slot', { slotPassed: undefined }, 'late', 'slot'],
  ['a slot that stands right before it', { slotPassed: '05' }, 'late', 'slot'],
  ['no known place of the consumer', { consumerPassed: undefined }, 'late', 'position'],
  ['a consumer that stands before it', { consumerPassed: '04' }, 'late', 'position'],
  ['both past it', {}, 'lost', 'unknown'],
  ['both past it, and the topic has it', { inTopic: true }, 'lost', 'consumer'],
  ['both past it, and the topic has it not', { inTopic: false }, 'lost', 'topic'],
  ['both past it, and its key as well', { place, inTopic: false }, 'lost', 'consumer'],
  ['a repair that the slot has not passed', { repairs: repair('11') }, 'repairing', 'slot'],
  ['a repair on its way', { repairs: repair('08'), consumerPassed: '07' }, 'repairing', 'position'],
  ['a repair that was lost as well', { repairs: repair('08') }, 'lost', 'unknown'],
])('%s: %o is %s at %s', (_, changes: Partial<SuspectFacts>, state, hop) => {
  expect(judgeSuspect(facts(changes))).toEqual({ state, hop });
});

test('a lost event is repaired at once, again after a while, and not for ever', () => {
  const now = new Date(REPAIR_AGAIN_AFTER_MS);
  expect(whyNotRepaired({ overtakenBy: [], repairs: undefined }, now)).toBeUndefined();
  expect(whyNotRepaired({ overtakenBy: [], repairs: repair('08') }, now)).toBeUndefined();
  expect(whyNotRepaired({ overtakenBy: [], repairs: repair('08') }, new Date(now.getTime() - 1))).toMatch(
    /next try/,
  );
  expect(whyNotRepaired({ overtakenBy: [], repairs: repair('08', 3) }, now)).toMatch(/3 times/);
  expect(whyNotRepaired({ overtakenBy: ['sales'], repairs: undefined }, now)).toMatch(
    /^sales has already gone past/,
  );
});

test('the id just before one', () => {
  expect(idBefore('01930000-0000-7000-8000-000000000000')).toBe('01930000-0000-7000-7fff-ffffffffffff');
  expect(idBefore('00000000-0000-0000-0000-000000000001')).toBe('00000000-0000-0000-0000-000000000000');
});
