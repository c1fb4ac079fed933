import type { Fault, Skipped } from '../../chaos/fault.ts';
import { faults } from '../../chaos/faults.ts';
import { runStorm, wasFault } from '../../chaos/run-storm.ts';
import type { Storm } from '../../chaos/storm.ts';

const faultThat = (strike: () => Promise<string | Skipped>): Fault => ({
  name: 'it',
  what: 'does what a test says',
  holdMs: [0, 0],
  weight: 1,
  strike,
});

async function struck(fault: Fault) {
  const storm = {
    load: { counts: {}, open: 0 },
    found: [],
    signal: new AbortController().signal,
    hold: () => Promise.resolve(),
  } as unknown as Storm;
  const said: string[] = [];
  const strike = { number: 1, fault, pauseMs: 0, holdMs: 0, choice: 0 };
  const results = await runStorm(storm, [strike], (line) => said.push(line));
  return { results, found: storm.found, mark: said[0]?.slice(0, 1), line: said[0] ?? '' };
}

test('a strike that spoilt nothing is skipped, and neither a fault nor a failure', async () => {
  const { results, found, mark, line } = await struck(
    faultThat(() => Promise.resolve({ skipped: 'there is no disk' })),
  );
  expect(results).toMatchObject([{ kind: 'skipped', outcome: 'there is no disk' }]);
  expect(results.filter(wasFault)).toEqual([]);
  expect(found).toEqual([]);
  expect(mark).toBe('-');
  expect(line).toContain('skipped: there is no disk');
});

test('one that was made good and one that was not are faults', async () => {
  const good = await struck(faultThat(() => Promise.resolve('away for 3 ms')));
  expect(good.results.filter(wasFault)).toMatchObject([{ kind: 'mended', outcome: 'away for 3 ms' }]);
  expect(good.mark).toBe('·');
  const bad = await struck(faultThat(() => Promise.reject(new Error('it stays broken'))));
  expect(bad.results.filter(wasFault)).toMatchObject([{ kind: 'failed', outcome: 'it stays broken' }]);
  expect(bad.mark).toBe('✗');
});

test('a clock is skipped where clocks can not be set', async () => {
  const clock = faults.find(({ name }) => name === 'clock-jump-orders') as Fault;
  expect((await struck(clock)).results).toMatchObject([{ kind: 'skipped' }]);
});
