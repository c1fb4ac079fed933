import { stripVTControlCharacters } from 'node:util';
import { planLines, strangerLines, summaryLine } from '../../../src/cli/connectors/show-plan.ts';
import type { ConnectorPlan } from '../../../src/connect/connector-plan.ts';

const plan = (changes: Partial<ConnectorPlan>): ConnectorPlan => ({
  name: 'orders-outbox',
  step: 'nothing',
  changes: [],
  problems: [],
  heldBack: undefined,
  ...changes,
});
const summary = (...plans: Partial<ConnectorPlan>[]): string =>
  stripVTControlCharacters(summaryLine(plans.map(plan)));

test('what is held back is counted, and not among what apply does', () => {
  expect(summary({})).toBe('Nothing to do.');
  expect(summary({ heldBack: 'STOPPED' }, {})).toBe(
    '1 held back. Let it go on: npx outbox connectors resume orders-outbox',
  );
  expect(summary({ heldBack: 'PAUSED', step: 'update' }, { step: 'create' })).toBe(
    '1 to create, 1 held back. To do it: npx outbox connectors apply',
  );
});

test('danger is accepted by name, only for what would be changed', () => {
  const danger = { class: 'dangerous', harm: 'loss', because: 'x' } as const;
  const changes = [{ key: 'slot.name', from: 'a', to: 'b', danger }];
  expect(summary({ step: 'update', changes })).toMatch(/apply --accept-danger orders-outbox$/);
  expect(summary({ step: 'update', changes, heldBack: 'STOPPED' })).toMatch(/^1 held back\. .* resume/);
  const problems = [{ key: 'a', message: 'is wrong' }];
  expect(summary({ step: 'update', changes, problems })).toBe('1 refused. Mend the file, then plan again.');
  const [headline] = planLines(plan({ step: 'create', changes }));
  expect(headline).toMatch(/is new: .*, 1 dangerous/);
});

test('what has no file is left alone, and nobody is told to delete it', () => {
  expect(strangerLines(['theirs']).join()).not.toContain('delete');
});
