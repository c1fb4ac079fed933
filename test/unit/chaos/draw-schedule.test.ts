import { drawSchedule, eachOnce } from '../../chaos/draw-schedule.ts';
import { faults } from '../../chaos/faults.ts';

const planOf = (seed: number, minutes = 10) =>
  drawSchedule({ seed, minutes, faults }).map(({ fault, ...rest }) => ({ fault: fault.name, ...rest }));

test('the same seed gives the same faults, for as long as is wanted', () => {
  expect(planOf(7)).toEqual(planOf(7));
  const longer = planOf(7, 20);
  expect(longer.slice(0, planOf(7).length)).toEqual(planOf(7));
  expect(longer.length).toBeGreaterThan(planOf(7).length);
});

test('another seed gives other faults', () => {
  expect(planOf(7).map(({ fault }) => fault)).not.toEqual(planOf(8).map(({ fault }) => fault));
});

test('each fault but those that must be named is drawn in the long run, and held no longer than it says', () => {
  const drawn = faults.filter(({ weight }) => weight > 0);
  const schedule = drawSchedule({ seed: 1, minutes: 600, faults });
  expect(new Set(schedule.map(({ fault }) => fault.name))).toEqual(new Set(drawn.map(({ name }) => name)));
  for (const { fault, holdMs } of schedule) {
    expect(holdMs).toBeGreaterThanOrEqual(fault.holdMs[0]);
    expect(holdMs).toBeLessThanOrEqual(fault.holdMs[1]);
  }
});

test('faults without a weight are drawn when only they are named', () => {
  const named = faults.filter(({ weight }) => weight === 0);
  const schedule = drawSchedule({ seed: 1, minutes: 60, faults: named });
  expect(new Set(schedule.map(({ fault }) => fault))).toEqual(new Set(named));
});

test('a storm strikes at least once', () => {
  expect(drawSchedule({ seed: 1, minutes: 0, faults })).toHaveLength(1);
});

test('no two faults have one name', () => {
  const names = faults.map(({ name }) => name);
  expect(names).toEqual([...new Set(names)]);
});

test('each fault once comes in the order of the list, and is held as long as the seed says', () => {
  const schedule = eachOnce({ seed: 7, faults });
  expect(schedule.map(({ number, fault }) => [number, fault.name])).toEqual(
    faults.map(({ name }, index) => [index + 1, name]),
  );
  expect(eachOnce({ seed: 7, faults })).toEqual(schedule);
  expect(eachOnce({ seed: 8, faults })).not.toEqual(schedule);
});
