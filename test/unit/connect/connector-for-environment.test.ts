import fc from 'fast-check';
import { connectorForEnvironment } from '../../../src/connect/connector-for-environment.ts';
import type { ConnectorFile } from '../../../src/connect/connector-file.ts';
import { readConnectorFiles } from '../../../src/connect/read-connector-files.ts';

const folder = new URL('../../../connectors', import.meta.url).pathname;

describe.each(['inventory-outbox', 'orders-outbox'])('%s', (name) => {
  let file: ConnectorFile;
  beforeAll(async () => {
    const found = (await readConnectorFiles(folder)).find((candidate) => candidate.name === name);
    if (found === undefined) throw new Error(`There is no ${name}.`);
    file = found;
  });

  test('stays as its file says when nothing differs', () => {
    expect(connectorForEnvironment(file, {})).toEqual(file);
    expect(connectorForEnvironment(file, { topicPrefix: '' })).toEqual(file);
  });

  test('writes every topic under the prefix and keeps its slot, its offsets and its predicate', () => {
    const { config } = connectorForEnvironment(file, { topicPrefix: 'staging.' });
    expect(config['transforms.outbox.route.topic.replacement']).toBe('staging.${routedByValue}');
    expect(config['topic.heartbeat.prefix']).toBe('staging.__debezium-heartbeat');
    for (const key of ['slot.name', 'topic.prefix', 'predicates.isOutbox.pattern'])
      expect(config[key]).toBe(file.config[key]);
  });

  test('gets a slot of its own with a name of its own, and the predicate follows its server name', () => {
    const other = connectorForEnvironment(file, {
      name: 't1-outbox',
      database: 'orders_t1',
      serverName: 't1',
      pollIntervalMs: 20,
    });
    expect(other.name).toBe('t1-outbox');
    expect(other.config).toMatchObject({
      'slot.name': 't1_outbox',
      'publication.name': file.config['publication.name'],
      'database.dbname': 'orders_t1',
      'topic.prefix': 't1',
      'predicates.isOutbox.pattern': 't1\\.pipeline\\.outbox',
      'poll.interval.ms': '20',
    });
  });

  test('has a predicate that matches exactly the records of its outbox, whatever the server name', () => {
    const serverName = fc.stringMatching(/^[\w.-]{1,20}$/);
    fc.assert(
      fc.property(serverName, serverName, (mine, theirs) => {
        const { config } = connectorForEnvironment(file, { serverName: mine });
        const pattern = new RegExp(`^(?:${config['predicates.isOutbox.pattern'] ?? ''})$`);
        expect(pattern.test(`${mine}.pipeline.outbox`)).toBe(true);
        expect(pattern.test(`${theirs}.pipeline.outbox`)).toBe(theirs === mine);
        expect(pattern.test(`__debezium-heartbeat.${mine}`)).toBe(false);
      }),
    );
  });

  test.each([{ slotName: 'Orders' }, { slotName: 'a'.repeat(64) }, { topicPrefix: '$1' }, { name: 'Über' }])(
    'refuses %j, which Postgres or Kafka would not take',
    (environment) => {
      expect(() => connectorForEnvironment(file, environment)).toThrow(/can't be the name of/);
    },
  );
});
