import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { connect, createServer, type Server } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { localEnv } from '../../../scripts/local-env.ts';
import { freePorts, type StackPorts } from '../../../scripts/stack/free-ports.ts';
import { commandOf } from '../../../scripts/stack/port-owner.ts';
import { superuserUrl } from '../../../scripts/stack/stack-context.ts';
import { createStack, type Stack } from '../../../scripts/stack/stack.ts';
import { createKafka } from '../../../src/platform/kafka/kafka-client.ts';
import { applyTopics } from '../../../src/platform/kafka/topic-admin.ts';
import { silentLog } from '../../../src/platform/log.ts';
import { createPool } from '../../../src/platform/postgres/pool.ts';

/** A stack of its own, of the two parts that hold the data: it is killed here, and others work on the shared one. */
describe('the embedded stack', () => {
  let root: string;
  let ports: StackPorts;
  let env: Record<string, string>;
  let stack: Stack;
  const reports: string[] = [];

  beforeAll(async () => {
    root = mkdtempSync(join(tmpdir(), 'stack-test-'));
    ports = await freePorts();
    env = localEnv({ ...process.env, ...ports });
    stack = createStack({ root, env, report: ({ part, state }) => reports.push(`${part} ${state}`) });
    await stack.up(['postgres', 'kafka']);
    await query('create table kept (id int)');
    await applyTopics(kafka(), [{ name: 'kept', partitions: 3, config: {} }], {
      replicationFactor: 1,
      log: silentLog,
    });
  });
  afterAll(async () => {
    await stack.down({ wipe: true });
    rmSync(root, { recursive: true, force: true });
  });

  const kafka = (): ReturnType<typeof createKafka> =>
    createKafka({ brokers: [`127.0.0.1:${ports.KAFKA_PORT}`], clientId: 'stack-test', log: silentLog });

  async function query<Row>(text: string): Promise<Row[]> {
    const pool = createPool({
      connectionString: superuserUrl(env),
      applicationName: 'test',
      log: silentLog,
      max: 1,
    });
    try {
      return (await pool.query<Row>({ text })).rows;
    } finally {
      await pool.end();
    }
  }

  async function expectDataKept(): Promise<void> {
    expect(await query('select to_regclass($$kept$$)::text as kept')).toEqual([{ kept: 'kept' }]);
    const admin = kafka().admin();
    await admin.connect();
    expect(await admin.listTopics()).toContain('kept');
    await admin.disconnect();
  }

  const pids = (): (number | undefined)[] =>
    ['postgres', 'kafka'].map((name) => stack.resource(name as 'kafka').pid());

  test('runs Postgres with what logical decoding needs, and passwords as scram only', async () => {
    expect(
      await query("select name, setting from pg_settings where name in ('wal_level', 'fsync') order by 1"),
    ).toEqual([
      { name: 'fsync', setting: 'on' },
      { name: 'wal_level', setting: 'logical' },
    ]);
    const methods = await query<{ auth_method: string }>(
      'select distinct auth_method from pg_hba_file_rules',
    );
    expect(methods).toEqual([{ auth_method: 'scram-sha-256' }]);
  });

  test('leaves everything as it is when it is started twice', async () => {
    const before = pids();
    await stack.up(['postgres', 'kafka']);
    expect(pids()).toEqual(before);
    expect(reports).toContain('kafka was running');
    await expectDataKept();
  });

  test('comes back with its data after kill -9 of all parts', async () => {
    const killed = pids();
    for (const pid of killed) process.kill(pid ?? 0, 'SIGKILL');
    await stack.up(['postgres', 'kafka']);
    expect(pids().some((pid) => pid === undefined || killed.includes(pid))).toBe(false);
    await expectDataKept();
  });

  test('trusts no pid file that names somebody else', async () => {
    await stack.down({ names: ['postgres'] });
    writeFileSync(join(root, 'run', 'postgres.pid'), `${process.pid}\n`);
    expect(await stack.resource('postgres').isHealthy()).toBe(false);
    await stack.up(['postgres']);
    expect(Number(readFileSync(join(root, 'run', 'postgres.pid'), 'utf8'))).not.toBe(process.pid);
  });

  test('reports a password that its data was not made with', async () => {
    const other = createStack({ root, env: { ...env, POSTGRES_PASSWORD: 'other' } });
    await expect(other.up(['postgres'])).rejects.toMatchObject({
      message: 'postgres: it refuses POSTGRES_PASSWORD: its data was made with another one',
    });
  });

  test('leaves no process and no port when it is stopped, and no data when it is wiped', async () => {
    const running = pids();
    await stack.down({ wipe: true });
    expect(running.map((pid) => commandOf(pid ?? 0))).toEqual([undefined, undefined]);
    for (const port of [ports.POSTGRES_PORT, ports.KAFKA_PORT, ports.KAFKA_CONTROLLER_PORT]) {
      expect(await isOpen(Number(port))).toBe(false);
    }
    expect(existsSync(join(root, 'data'))).toBe(false);
    await stack.down();
  });

  test('names a part whose port is taken, and starts the others', async () => {
    const thief = await listenOn(Number(ports.KAFKA_PORT));
    await expect(stack.up(['postgres', 'kafka'])).rejects.toMatchObject({
      part: 'kafka',
      message: expect.stringContaining(
        `port ${ports.KAFKA_PORT} is in use by process ${process.pid}`,
      ) as unknown,
    });
    expect(await stack.resource('postgres').isHealthy()).toBe(true);
    await new Promise((resolve) => thief.close(resolve));
  });

  test('says in one sentence that its folder cannot be written', async () => {
    const file = join(root, 'file');
    writeFileSync(file, '');
    const blocked = createStack({ root: file, env });
    await expect(blocked.up(['postgres'])).rejects.toMatchObject({
      message: expect.stringContaining(`stack: its folder ${file} cannot be written`) as unknown,
    });
  });
});

function listenOn(port: number): Promise<Server> {
  return new Promise((resolve, reject) => {
    const server = createServer();
    server.once('error', reject);
    server.listen(port, '127.0.0.1', () => resolve(server));
  });
}

function isOpen(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(port, '127.0.0.1');
    socket.once('connect', () => {
      socket.destroy();
      resolve(true);
    });
    socket.once('error', () => resolve(false));
  });
}
