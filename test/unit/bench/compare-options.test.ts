import { compareSettings } from '../../bench/compare/compare-options.ts';
import { armsNamed } from '../../bench/compare/arms/arms.ts';

describe('compareSettings', () => {
  test('--quick is short, and what is said beside it holds', () => {
    expect(compareSettings({ quick: true })).toMatchObject({ repeats: 1, seconds: 3 });
    expect(compareSettings({ quick: true, seconds: 9 })).toMatchObject({ repeats: 1, seconds: 9 });
    expect(compareSettings({})).toMatchObject({ repeats: 3, rates: [20, 100, 500, 1_000, 2_000] });
  });
});

describe('armsNamed', () => {
  test('one by its name, several by the begin of theirs, none by another', () => {
    expect(armsNamed('ours')?.map(({ name }) => name)).toEqual(['ours']);
    expect(armsNamed('pg-transactional-outbox')).toHaveLength(1);
    expect(armsNamed('polling')).toHaveLength(8);
    expect(armsNamed('polling-mark')).toHaveLength(4);
    expect(armsNamed('pol')).toBeUndefined();
  });
});
