import { connectTopics, renderProperties, workerSettings } from '../../../scripts/stack/settings.ts';
import { serverProperties } from '../../../scripts/stack/kafka.ts';
import { workerProperties } from '../../../scripts/stack/connect.ts';

describe('a properties file', () => {
  test('is the same text whatever order the settings come in', () => {
    expect(renderProperties({ b: '2', a: '1' })).toBe('a=1\nb=2\n');
    expect(renderProperties({ a: '1', b: '2' })).toBe('a=1\nb=2\n');
  });

  test('escapes what Java reads as an escape', () => {
    expect(renderProperties({ path: 'C:\\data', text: 'a\nb' })).toBe('path=C:\\\\data\ntext=a\\nb\n');
  });
});

describe('broker and worker', () => {
  const voters = '1@127.0.0.1:2';
  const node = { nodeId: 1, port: 1, controllerPort: 2, voters, data: '/data', copies: 1 };
  const broker = serverProperties(node);
  const worker = workerProperties({ port: 3, plugins: '/plugins', brokers: '127.0.0.1:1', copies: 3 });

  test('listen on loopback only', () => {
    expect(broker['listeners']).toBe('PLAINTEXT://127.0.0.1:1,CONTROLLER://127.0.0.1:2');
    expect(worker['listeners']).toBe('http://127.0.0.1:3');
  });

  test('a broker tells clients that came through a proxy to come through it again', () => {
    const proxied = [
      { port: 4, proxyPort: 5 },
      { port: 6, proxyPort: 7 },
    ];
    const settings = serverProperties({ ...node, proxied });
    expect(settings['listeners']).toContain(',PROXIED1://127.0.0.1:4,PROXIED2://127.0.0.1:6');
    expect(settings['advertised.listeners']).toBe(
      'PLAINTEXT://127.0.0.1:1,PROXIED1://127.0.0.1:5,PROXIED2://127.0.0.1:7',
    );
    expect(broker['advertised.listeners']).toBe('PLAINTEXT://127.0.0.1:1');
  });

  test('a broker of several has its own number and knows all controllers', () => {
    const settings = serverProperties({
      ...node,
      nodeId: 2,
      voters: '1@127.0.0.1:2,2@127.0.0.1:5',
      copies: 3,
    });
    expect(settings['node.id']).toBe('2');
    expect(settings['controller.quorum.voters']).toBe('1@127.0.0.1:2,2@127.0.0.1:5');
    expect(settings['min.insync.replicas']).toBe('2');
  });

  test('create no topic by themselves', () => {
    expect(broker['auto.create.topics.enable']).toBe('false');
    expect(worker['topic.creation.enable']).toBe('false');
  });

  test('keep as many copies of internal topics as told', () => {
    expect(worker['offset.storage.replication.factor']).toBe('3');
    expect(broker['offsets.topic.replication.factor']).toBe('1');
  });

  test("agree on the names of the worker's topics", () => {
    const settings = workerSettings(1);
    expect(connectTopics.map(({ name }) => name)).toEqual([
      settings['config.storage.topic'],
      settings['offset.storage.topic'],
      settings['status.storage.topic'],
    ]);
  });
});
