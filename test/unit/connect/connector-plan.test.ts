import { readFileSync } from 'node:fs';
import type { ConnectorConfig } from '../../../src/connect/connector-file.ts';
import {
  careFor,
  dangerousChanges,
  hasWork,
  planConnector,
  type ActualConnector,
  type ConnectorPlan,
} from '../../../src/connect/connector-plan.ts';
import { dangerOf } from '../../../src/connect/connector-danger.ts';

const file = JSON.parse(
  readFileSync(new URL('../../../connectors/orders-outbox.json', import.meta.url), 'utf8'),
) as { name: string; config: ConnectorConfig };

const state = (connector: string, task?: string): ActualConnector['status'] => ({
  name: file.name,
  connector: { state: connector, worker_id: 'w' },
  tasks: task === undefined ? [] : [{ id: 0, state: task, worker_id: 'w' }],
});

function plan(
  changes: Record<string, string | undefined>,
  actual: Partial<ActualConnector> = {},
  defaults: Record<string, string> = {},
): ConnectorPlan {
  const config = Object.fromEntries(
    Object.entries({ ...file.config, ...changes }).filter(
      (entry): entry is [string, string] => entry[1] !== undefined,
    ),
  );
  return planConnector({
    file: { name: file.name, config },
    actual: { config: file.config, status: state('RUNNING', 'RUNNING'), hasOffsets: true, ...actual },
    problems: [],
    defaults: new Map(Object.entries(defaults)),
  });
}

describe('the difference in meaning', () => {
  test('a connector that is as its file says leaves nothing to do', () => {
    expect(plan({})).toMatchObject({ step: 'nothing', changes: [], heldBack: undefined });
    expect(hasWork(plan({}))).toBe(false);
  });

  test('a key at its default is the same as none, on either side', () => {
    const defaults = { 'max.queue.size': '8192', 'query.fetch.size': '0' };
    expect(plan({ 'max.queue.size': undefined, 'query.fetch.size': '0' }, {}, defaults).changes).toEqual([]);
    expect(plan({ 'max.queue.size': undefined }).changes).toMatchObject([
      { key: 'max.queue.size', to: undefined },
    ]);
    expect(plan({ 'query.fetch.size': '1' }, {}, defaults).changes).toMatchObject([
      { key: 'query.fetch.size' },
    ]);
  });

  test('the order of a list matters only where it means something', () => {
    expect(plan({ 'skipped.operations': 't, u,d' }).changes).toEqual([]);
    const swapped = (file.config['transforms'] ?? '').split(',').reverse().join(',');
    expect(plan({ transforms: swapped }).changes).toMatchObject([
      { key: 'transforms', danger: { class: 'dangerous' } },
    ]);
  });

  test('the name that Connect adds is no change', () => {
    expect(plan({}, { config: { ...file.config, name: file.name } }).changes).toEqual([]);
  });

  test('nothing is dangerous about a connector that is not there yet', () => {
    const created = planConnector({ file, actual: undefined, problems: [], defaults: new Map() });
    expect(created.step).toBe('create');
    expect(dangerousChanges(created)).toEqual([]);
    expect(hasWork(created)).toBe(true);
  });
});

describe('a connector that was deleted', () => {
  const created = (changes: Record<string, string>): ConnectorPlan =>
    planConnector({
      file: { name: file.name, config: { ...file.config, ...changes } },
      actual: undefined,
      before: file.config,
      problems: [],
      defaults: new Map(),
    });

  test('is created as it was without a word, and otherwise judged by what it was', () => {
    expect(dangerousChanges(created({}))).toEqual([]);
    expect(dangerousChanges(created({ 'poll.interval.ms': '50' }))).toEqual([]);
    const other = created({ 'transforms.outbox.table.field.event.key': 'aggregate_id' });
    expect(other.step).toBe('create');
    expect(dangerousChanges(other)).toMatchObject([{ from: 'partition_key', to: 'aggregate_id' }]);
    expect(careFor(created({ 'slot.name': 'other' }))).toBe('resnapshot');
    expect(careFor(created({ 'topic.prefix': 'other' }))).toBe('move_offset');
  });

  test('a setting that it had and that is left out now is judged too', () => {
    const { 'snapshot.select.statement.overrides': _, ...config } = file.config;
    const without = planConnector({
      file: { name: file.name, config },
      actual: undefined,
      before: file.config,
      problems: [],
      defaults: new Map(),
    });
    expect(dangerousChanges(without)).toMatchObject([
      { key: 'snapshot.select.statement.overrides', to: undefined },
    ]);
  });
});

describe('what apply would do beside changing settings', () => {
  test('restart what FAILED, resume what never began, leave alone what somebody holds back', () => {
    expect(plan({}, { status: state('RUNNING', 'FAILED') }).step).toBe('restart');
    expect(plan({}, { status: state('STOPPED'), hasOffsets: false })).toMatchObject({
      step: 'resume',
      heldBack: undefined,
    });
    const stopped = plan({}, { status: state('STOPPED') });
    expect(stopped).toMatchObject({ step: 'nothing', heldBack: 'STOPPED' });
    // Apply does not bring it about, so plan must not say that all is well.
    expect(hasWork(stopped)).toBe(true);
    expect(plan({}, { status: state('PAUSED', 'PAUSED') })).toMatchObject({
      step: 'nothing',
      heldBack: 'PAUSED',
    });
  });
});

describe('danger', () => {
  test.each([
    ['slot.name', 'other', 'duplicates', 'resnapshot'],
    ['topic.prefix', 'other', 'duplicates', 'move_offset'],
    ['publication.name', 'other', 'loss', 'resnapshot'],
    ['plugin.name', 'decoderbufs', 'duplicates', 'resnapshot'],
    ['database.hostname', 'elsewhere', 'loss', 'resnapshot'],
    ['database.dbname', 'other', 'loss', 'resnapshot'],
    ['table.include.list', 'pipeline.outbox,public.users', 'loss', 'resnapshot'],
    ['transforms.outbox.table.field.event.key', 'aggregate_id', 'order', undefined],
    ['transforms.outbox.table.field.event.id', 'id', 'duplicates', undefined],
    ['transforms.outbox.route.by.field', 'event_type', 'loss', undefined],
    ['transforms.outbox.route.topic.replacement', 'x.${routedByValue}', 'loss', undefined],
    ['snapshot.mode', 'no_data', 'loss', undefined],
    ['snapshot.mode', 'always', 'duplicates', undefined],
    ['snapshot.select.statement.overrides.pipeline.outbox', undefined, 'order', undefined],
    ['offset.mismatch.strategy', 'trust_slot', 'loss', undefined],
    ['lsn.flush.mode', 'connector_and_driver', 'loss', undefined],
    ['errors.tolerance', 'all', 'loss', undefined],
    ['skipped.operations', 'c,u,d,t', 'loss', undefined],
    ['heartbeat.interval.ms', undefined, 'standstill', undefined],
    ['message.prefix.exclude.list', undefined, 'standstill', undefined],
    ['key.converter', 'org.apache.kafka.connect.json.JsonConverter', 'order', undefined],
    ['value.converter', 'org.apache.kafka.connect.json.JsonConverter', 'loss', undefined],
    ['producer.override.acks', '1', 'loss', undefined],
    ['producer.override.enable.idempotence', undefined, 'order', undefined],
    ['producer.override.partitioner.class', 'org.example.Partitioner', 'order', undefined],
    ['producer.override.bootstrap.servers', 'elsewhere:9092', 'loss', undefined],
    ['offsets.storage.topic', 'own-offsets', 'loss', undefined],
    ['slot.stream.params', 'origin=none', 'loss', undefined],
    ['predicates.isOutbox.type', 'org.example.Predicate', 'loss', undefined],
  ] as const)('%s to %s: %s', (key, to, harm, care) => {
    const changed = plan({ [key]: to });
    expect(dangerousChanges(changed)).toMatchObject([{ key, danger: { harm } }]);
    expect(careFor(changed)).toBe(care);
  });

  test.each([
    ['poll.interval.ms', '20'],
    ['max.batch.size', '4096'],
    ['database.password', '${env:CDC_OTHER_PASSWORD}'],
    ['heartbeat.interval.ms', '5000'],
    ['skipped.operations', 'u,d'],
    ['producer.override.compression.type', 'gzip'],
  ])('%s to %s only restarts the task', (key, to) => {
    expect(plan({ [key]: to }).changes).toMatchObject([{ key, danger: { class: 'restart' } }]);
  });

  test('what is only logged or measured is harmless', () => {
    expect(plan({ 'errors.log.enable': 'true' }).changes).toMatchObject([{ danger: { class: 'harmless' } }]);
  });

  test('back to the safe value is not dangerous', () => {
    const unsafe = { config: { ...file.config, 'snapshot.mode': 'no_data', 'errors.tolerance': 'all' } };
    expect(plan({}, unsafe).changes).toMatchObject([
      { danger: { class: 'restart' } },
      { danger: { class: 'restart' } },
    ]);
  });

  test('a transform that only adds a header is not dangerous, one that may drop records is', () => {
    const added = (type: string): unknown =>
      dangerOf(
        { key: 'transforms.extra.type', from: undefined, to: `org.apache.kafka.connect.transforms.${type}` },
        file.config,
      );
    expect(added('InsertHeader')).toMatchObject({ class: 'restart' });
    expect(added('Filter')).toMatchObject({ class: 'dangerous', harm: 'loss' });
    expect(plan({ transforms: `${file.config['transforms'] ?? ''},extra` }).changes).toMatchObject([
      { danger: { class: 'restart' } },
    ]);
  });

  test('a header that goes is dangerous, one that comes is not', () => {
    const key = 'transforms.outbox.table.fields.additional.placement';
    const placement = file.config[key] ?? '';
    expect(dangerousChanges(plan({ [key]: `${placement},xid:header:xid` }))).toEqual([]);
    expect(dangerousChanges(plan({ [key]: placement.split(',').slice(1).join(',') }))).toMatchObject([
      { key },
    ]);
  });

  test('the pattern may change with topic.prefix, as long as it fits', () => {
    const fits = plan({ 'topic.prefix': 'shop', 'predicates.isOutbox.pattern': 'shop\\.pipeline\\.outbox' });
    expect(dangerousChanges(fits).map(({ key }) => key)).toEqual(['topic.prefix']);
    const misfit = plan({ 'predicates.isOutbox.pattern': 'shop\\.pipeline\\.outbox' });
    expect(dangerousChanges(misfit)).toMatchObject([{ danger: { harm: 'loss' } }]);
  });

  test('a new slot makes moving the offset needless', () => {
    expect(careFor(plan({ 'slot.name': 'other', 'topic.prefix': 'other' }))).toBe('resnapshot');
  });
});
