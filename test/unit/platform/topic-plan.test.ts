import {
  isOutOfReach,
  planTopics,
  topicHasWork,
  undeclaredTopics,
  type ExistingTopic,
} from '../../../src/platform/kafka/topic-plan.ts';

const spec = { name: 'orders.events', partitions: 4, config: { 'retention.ms': '1000' } };
const topic = (changes: Partial<ExistingTopic> = {}): ExistingTopic => ({
  name: 'orders.events',
  partitions: 4,
  replicationFactor: 3,
  settings: { 'retention.ms': '1000', 'segment.ms': '5' },
  own: { 'retention.ms': '1000' },
  ...changes,
});

const planOne = (existing: ExistingTopic[]) => {
  const [planned] = planTopics([spec], existing, 3);
  if (planned === undefined) throw new Error('Nothing was planned.');
  return planned;
};

test('a topic as declared has no work, one that is missing has', () => {
  expect(topicHasWork(planOne([topic()]))).toBe(false);
  expect(planOne([])).toMatchObject({ isMissing: true });
  expect(topicHasWork(planOne([]))).toBe(true);
});

test('declared settings that differ are changed, others that were set on the topic are kept', () => {
  const planned = planOne([
    topic({
      settings: { 'retention.ms': '7', 'segment.ms': '5' },
      own: { 'retention.ms': '7', 'segment.ms': '5' },
    }),
  ]);
  expect(planned).toMatchObject({
    settings: [{ name: 'retention.ms', from: '7', to: '1000' }],
    kept: { 'segment.ms': '5' },
  });
  expect(planned.kept).not.toHaveProperty('retention.ms');
  expect(topicHasWork(planned)).toBe(true);
});

test.each([
  ['fewer partitions than declared', topic({ partitions: 2 }), { partitions: { from: 2, to: 4 } }, false],
  ['more partitions than declared', topic({ partitions: 6 }), { partitions: { from: 6, to: 4 } }, true],
  ['fewer copies', topic({ replicationFactor: 1 }), { replicationFactor: { from: 1, to: 3 } }, true],
])('%s: there is work, and it is said whether apply can do it', (_, existing, expected, outOfReach) => {
  const planned = planOne([existing]);
  expect(planned).toMatchObject(expected);
  expect(topicHasWork(planned)).toBe(true);
  expect(isOutOfReach(planned)).toBe(outOfReach);
});

test('undeclared topics are those of the prefix or, without one, of the same families', () => {
  const names = ['orders.old', 'orders.events', 'other.topic', 'orders', 'connect-offsets'];
  expect(undeclaredTopics(names, [spec], '')).toEqual(['orders.old']);
  expect(
    undeclaredTopics(['t1.orders.events', 't1.x', 't2.x'], [{ ...spec, name: 't1.orders.events' }], 't1.'),
  ).toEqual(['t1.x']);
});
