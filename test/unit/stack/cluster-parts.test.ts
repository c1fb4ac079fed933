import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { derivedAddresses } from '../../../scripts/local-env.ts';
import { extraPorts } from '../../../scripts/stack/cluster-parts.ts';
import { freePorts } from '../../../scripts/stack/free-ports.ts';
import { createStack } from '../../../scripts/stack/stack.ts';

const one = { KAFKA_PORT: '1', KAFKA_CONTROLLER_PORT: '2', CONNECT_PORT: '3', KAFKA_2_PORT: '' };
const several = { ...one, KAFKA_2_PORT: '12', KAFKA_3_PORT: '13', CONNECT_2_PORT: '14' };

test('services and commands know every broker and every worker that has a port', () => {
  expect(derivedAddresses(one)).toMatchObject({
    KAFKA_BROKERS: '127.0.0.1:1',
    CONNECT_URL: 'http://127.0.0.1:3',
  });
  expect(derivedAddresses(several)).toMatchObject({
    KAFKA_BROKERS: '127.0.0.1:1,127.0.0.1:12,127.0.0.1:13',
    CONNECT_URL: 'http://127.0.0.1:3,http://127.0.0.1:14',
  });
});

describe('a stack', () => {
  let root: string;
  beforeAll(() => {
    root = mkdtempSync(join(tmpdir(), 'cluster-parts-'));
  });
  afterAll(() => rmSync(root, { recursive: true, force: true }));

  test('has more brokers and workers where they have ports, and each worker needs all brokers', async () => {
    const names = (env: Record<string, string>): string[] =>
      createStack({ root, env }).resources.map(({ name }) => name);
    expect(names(await freePorts())).toEqual(['postgres', 'kafka', 'registry', 'connect']);
    const env = await freePorts(extraPorts);
    expect(names(env)).toEqual([
      'postgres',
      'kafka',
      'kafka-2',
      'kafka-3',
      'registry',
      'connect',
      'connect-2',
    ]);
    expect(createStack({ root, env }).resource('connect-2').needs).toEqual(['kafka', 'kafka-2', 'kafka-3']);
  });

  test('says which ports a part would need that it has not', async () => {
    const stack = createStack({ root, env: await freePorts() });
    await expect(stack.up(['kafka-2'])).rejects.toMatchObject({
      message: 'kafka-2: this stack has none',
      remedy: 'Set KAFKA_2_PORT and KAFKA_2_CONTROLLER_PORT in .env.',
    });
    await expect(stack.down({ names: ['connect-2'] })).rejects.toMatchObject({ part: 'connect-2' });
  });

  test('does not join the data of one broker to two empty ones, which would outvote it', async () => {
    const data = join(root, 'data', 'kafka');
    mkdirSync(join(data, 'log'), { recursive: true });
    writeFileSync(join(data, 'log', 'meta.properties'), '');
    writeFileSync(join(data, 'server.properties'), 'controller.quorum.voters=1@127.0.0.1:2\n');
    const stack = createStack({ root, env: await freePorts(extraPorts) });
    await expect(stack.resource('kafka').up()).rejects.toMatchObject({
      message: 'kafka: its data is of a cluster of nodes 1, not of 1, 2, 3',
    });
  });
});
