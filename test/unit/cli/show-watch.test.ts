import { jsonScreen, lineScreen, redrawnScreen } from '../../../src/cli/connectors/show-watch.ts';
import { tableLines } from '../../../src/cli/connectors/connector-table.ts';
import { bytesText, durationText } from '../../../src/cli/quantities.ts';
import type { ConnectorLook } from '../../../src/operate/watch/connector-look.ts';

const lookAt = (second: number, state: string, name = 'orders-outbox'): ConnectorLook => ({
  name,
  at: new Date(second * 1_000),
  parts: [
    {
      connector: name,
      part: 'connector',
      state: 'RUNNING',
      worker: '127.0.0.1:18083',
      problem: undefined,
      history: undefined,
    },
    {
      connector: name,
      part: 'task 0',
      state,
      worker: '127.0.0.1:18083',
      problem: state === 'FAILED' ? 'Boom.' : undefined,
      history: undefined,
    },
  ],
  slotName: 's',
  slot: undefined,
  walBytesPerSecond: undefined,
  heartbeatAt: { found: new Date(0) },
  heartbeatEveryMs: 0,
  probe: undefined,
  findings: undefined,
});
const picture = (second: number, state: string, waiting: readonly string[] = []) => ({
  at: new Date(second * 1_000),
  looks: [lookAt(second, state)],
  waiting,
});

function written() {
  const texts: string[] = [];
  return {
    output: { write: (text: string) => void texts.push(text), columns: 60, rows: 12 },
    take: () => texts.splice(0).join(''),
  };
}

test('over a pipe there is a line for each change, none for what only grows older, and all of it now and then', () => {
  const { output, take } = written();
  const screen = lineScreen(output);
  screen.show(picture(1, 'RUNNING'));
  expect(take().trim().split('\n')).toHaveLength(3);
  screen.show(picture(9, 'RUNNING'));
  expect(take()).toBe('');
  screen.show(picture(10, 'FAILED'));
  expect(take()).toMatch(/task 0 {2}FAILED.*\n.*Task 0 is FAILED: Boom\.\n$/);
  screen.show(picture(11, 'RUNNING'));
  expect(take()).toMatch(/task 0 {2}RUNNING.*\n.*orders-outbox {2}healthy\n$/);
  screen.show({ at: new Date(12_000), unreachable: 'Nobody there.' });
  expect(take()).toMatch(/Nobody there\.\n$/);
  screen.show(picture(13, 'RUNNING'));
  expect(take().trim().split('\n')).toHaveLength(3);
  screen.show(picture(75, 'RUNNING'));
  expect(take().trim().split('\n')).toHaveLength(3);
});

test('what consumers wait for is news once, not for each further key, and stands below the table', () => {
  const { output, take } = written();
  const screen = lineScreen(output);
  screen.show(picture(1, 'RUNNING'));
  take();
  screen.show(picture(2, 'RUNNING', ['Consumer a holds 2 keys.']));
  expect(take()).toMatch(/^\S+ {2}Consumer a holds 2 keys\.\n$/);
  screen.show(picture(3, 'RUNNING', ['Consumer a holds 3 keys.']));
  expect(take()).toBe('');
  redrawnScreen(output).show(picture(1, 'RUNNING', ['Consumer a holds 2 keys.']));
  expect(take()).toContain('healthy.\nConsumer a holds 2 keys.');
  jsonScreen(output).show(picture(1, 'RUNNING', ['Consumer a holds 2 keys.']));
  expect(take()).toContain('{"at":"1970-01-01T00:00:01.000Z","waiting":"Consumer a holds 2 keys."}');
});

test('as JSON there is one object for each change', () => {
  const { output, take } = written();
  const screen = jsonScreen(output);
  screen.show(picture(1, 'RUNNING'));
  screen.show(picture(2, 'RUNNING'));
  screen.tell({ at: new Date(3_000), connector: 'orders-outbox', event: 'restarted', sentence: 'Again.' });
  const objects = take()
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line) as Record<string, unknown>);
  expect(objects).toEqual([
    expect.objectContaining({ name: 'orders-outbox', healthy: true }),
    { at: '1970-01-01T00:00:03.000Z', connector: 'orders-outbox', event: 'restarted', sentence: 'Again.' },
  ]);
});

test('on a terminal the picture is written over the last one, whose lines were counted as they are shown', () => {
  const { output, take } = written();
  const screen = redrawnScreen(output);
  screen.show(picture(1, 'RUNNING'));
  const lines = take().split('\n').length - 1;
  screen.show(picture(2, 'RUNNING'));
  expect(take()).toMatch(new RegExp(`^\\u001b\\[${lines}F\\u001b\\[0J`));
  for (let second = 3; second < 30; second++)
    screen.tell({ at: new Date(second * 1_000), connector: 'a', event: 'held', sentence: 'x'.repeat(100) });
  const last = take().split('\u001b[0J').at(-1) ?? '';
  // It fits: one line less than the terminal has, none wider than it is.
  expect(last.split('\n')).toHaveLength(12);
  expect(Math.max(...last.split('\n').map((line) => line.length))).toBeLessThanOrEqual(60);
});

test('the table stays within 100 columns, at the cost of the worker', () => {
  const name = 'a-rather-long-name-of-a-connector-in-production';
  const lines = tableLines([lookAt(100_000, 'RUNNING', name)]);
  expect(Math.max(...lines.map((line) => line.length))).toBeLessThanOrEqual(100);
  expect(lines[1]).toMatch(/^a-rather-long-name-of-a-connec[-a-z]*… {2}RUNNING {2}…:?18083/);
});

test('sizes and times are as exact as anybody needs', () => {
  expect([0, 999, 1_024, 1_500_000, 512 * 1024 ** 2, 3 * 1024 ** 4].map(bytesText)).toEqual([
    '0 B',
    '999 B',
    '1.0 kB',
    '1.4 MB',
    '512 MB',
    '3.0 TB',
  ]);
  expect([0, 24, 1_000, 59_999, 60_000, 3_600_000, 47 * 3_600_000, 48 * 3_600_000].map(durationText)).toEqual(
    ['0 ms', '24 ms', '1 s', '59 s', '1 min', '1 h', '47 h', '2 d'],
  );
});
