import { inOneRoundTrip } from '../../../src/platform/postgres/in-one-round-trip.ts';

test('what was sent is answered in its order', async () => {
  expect(await inOneRoundTrip([Promise.resolve(1), 'two', Promise.resolve([3])])).toEqual([1, 'two', [3]]);
});

test('the first that failed tells why, also when one behind it is refused sooner', async () => {
  const race = new Promise((_, reject) => setImmediate(() => reject(new Error('the race'))));
  const refused = Promise.reject(new Error('current transaction is aborted'));
  await expect(inOneRoundTrip([race, refused])).rejects.toThrow('the race');
});

test('nothing is thrown before all are answered, so that no statement is still under way', async () => {
  const answered: string[] = [];
  const late = new Promise((resolve) => setImmediate(resolve)).then(() => answered.push('late'));
  await expect(inOneRoundTrip([Promise.reject(new Error('early')), late])).rejects.toThrow('early');
  expect(answered).toEqual(['late']);
});
