import { decidedBy, invariantLines, invariantNames } from '../../chaos/invariant-lines.ts';
import type { CheckStep } from '../../chaos/invariant-lines.ts';

const steps = Object.keys(decidedBy) as CheckStep[];

test('each invariant of the list has one line', () => {
  const lines = steps.flatMap((step) => invariantLines(step, []));
  expect([...lines].sort()).toEqual(invariantNames.map((name) => `✓ ${name}`).sort());
});

test('a line says how often its own invariant is violated', () => {
  const found = (['said-in-kafka', 'kafka-was-said', 'said-in-kafka', 'lag-zero'] as const).map(
    (invariant) => ({ invariant, detail: 'planted' }),
  );
  expect(invariantLines('topics', found)).toEqual([
    '✗ said-in-kafka: 2 violations',
    '✓ kafka-as-written',
    '✗ kafka-was-said: 1 violation',
  ]);
});

test('one that nobody can judge is said with the reason, neither held nor violated', () => {
  const undecidable = new Map([['lag-zero', 'nobody knows'] as const]);
  expect(invariantLines('lag', [{ invariant: 'lag-zero', detail: 'planted' }], undecidable)).toEqual([
    '- lag-zero is not judged: nobody knows',
  ]);
});
