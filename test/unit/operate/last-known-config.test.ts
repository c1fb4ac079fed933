import type { ConnectorSave } from '../../../src/operate/change/connector-saves.ts';
import { lastKnownConfig } from '../../../src/operate/change/last-known-config.ts';

const save = (id: string, reason: string, config: Record<string, string>): ConnectorSave => ({
  id,
  connector: 'orders-outbox',
  savedAt: new Date(0),
  reason,
  config,
  offsets: [],
});
const file = { 'slot.name': 'new', 'errors.tolerance': 'none' };

test('a connector that was never saved was never there, as far as anybody knows', () => {
  expect(lastKnownConfig([], file)).toBeUndefined();
});

test.each(['delete', 'offsets --reset', 'heal: slot_lost'])(
  '%s saved what it had and went on having',
  (reason) => {
    const saves = [save('2', reason, { 'slot.name': 'b' }), save('1', 'delete', { 'slot.name': 'a' })];
    expect(lastKnownConfig(saves, file)).toEqual({ 'slot.name': 'b' });
  },
);

test('apply saved what it had before some keys became something else', () => {
  const before = { 'slot.name': 'old', 'publication.name': 'p', 'poll.interval.ms': '5' };
  expect(lastKnownConfig([save('1', 'apply: slot.name, errors.tolerance', before)], file)).toEqual({
    'slot.name': 'new',
    'errors.tolerance': 'none',
    'publication.name': 'p',
    'poll.interval.ms': '5',
  });
});

test('a rollback made it what its save says', () => {
  const saves = [
    save('3', 'rollback to save 1', { 'slot.name': 'c' }),
    save('2', 'apply: slot.name', { 'slot.name': 'b' }),
    save('1', 'apply: slot.name', { 'slot.name': 'a' }),
  ];
  expect(lastKnownConfig(saves, file)).toEqual({ 'slot.name': 'a' });
});
