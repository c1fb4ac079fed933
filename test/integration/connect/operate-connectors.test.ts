import { isRunning } from '../../../src/connect/connector-status.ts';
import { waitUntil } from '../../../src/platform/wait-until.ts';
import { createOperatedOutbox, type OperatedOutbox } from '../../support/operated-outbox.ts';
import type { Ended } from '../../support/run-outbox.ts';
import { readTopic } from '../../support/read-topic.ts';

interface StatusJson {
  readonly healthy: boolean;
  readonly connectors: readonly {
    readonly reasons: readonly string[];
    readonly parts: readonly { part: string; state: string; since: string | null; restarts: number | null }[];
    readonly slot: { active: boolean; bytesHeld: number; bytesLeft: number | null } | null;
    readonly heartbeatAgeMs: number | null;
    readonly event: { arrived: boolean; ageMs: number } | null;
  }[];
}

let operated: OperatedOutbox;
let name: string;

const outbox = (...words: string[]): Promise<Ended> => operated.outbox(['connectors', ...words]);
async function status(): Promise<StatusJson['connectors'][number] & { code: number }> {
  const ended = await outbox('status', '--json');
  const [connector] = (JSON.parse(ended.stdout) as StatusJson).connectors;
  if (connector === undefined) throw new Error('There is no connector in the answer.');
  return { ...connector, code: ended.code };
}
async function start(): Promise<void> {
  await operated.client.createStopped(name, operated.connector.config);
  await operated.client.resume(name);
  await waitUntil(
    async () => {
      const now = await operated.client.status(name);
      return now !== undefined && isRunning(now);
    },
    { timeoutMs: 30_000, what: `${name} to run` },
  );
}
async function slotExists(): Promise<boolean> {
  const { rows } = await operated.admin.query({
    text: 'select from pg_replication_slots where slot_name = $1',
    values: [operated.slot],
  });
  return rows.length > 0;
}
/** What was said, in the order of its commits. */
const said: string[] = [];
const say = async (count: number): Promise<void> => {
  said.push(...(await operated.append(count)));
};
/** Event ids in the order in which Kafka has them: one key, so one partition. */
const heard = async (): Promise<string[]> =>
  (await readTopic(`${operated.topicPrefix}orders.events`)).map(({ headers }) => headers['id'] ?? '');
/** Once the newest one has come so many times. */
const heardAll = (times = 1): Promise<string[]> =>
  waitUntil(
    async () => {
      const ids = await heard();
      return ids.filter((id) => id === said.at(-1)).length >= times && ids;
    },
    { timeoutMs: 30_000, what: `the newest event, ${times} times` },
  );

beforeAll(async () => {
  operated = await createOperatedOutbox();
  name = operated.connector.name;
});
afterAll(() => operated.close());

test('what is not there, what was not named and what can not be reached is said', async () => {
  const [missing, unnamed, unknown, unreachable] = await Promise.all([
    outbox('pause', name),
    outbox('stop'),
    outbox('restart', 'no-such-connector'),
    // As a process: the exit code is what scripts see.
    operated.outboxProcess(['connectors', 'status', '--connect', 'http://127.0.0.1:9']),
  ]);
  expect(missing).toMatchObject({ code: 1, stderr: expect.stringContaining(`apply ${name}`) as string });
  expect(unnamed).toMatchObject({
    code: 2,
    stderr: 'Say which connectors. Give names, or --all, not both.\n',
  });
  expect(unknown).toMatchObject({ code: 2, stderr: expect.stringContaining('neither as a file') as string });
  expect(unreachable).toMatchObject({ code: 3, stdout: '' });
  expect(unreachable.stderr).toMatch(
    /^Kafka Connect can't be reached at http:\/\/127\.0\.0\.1:9 \(ECONNREFUSED\)/,
  );
});

test('status tells of a healthy connector all that is known, and that it is healthy', async () => {
  await start();
  // The first heartbeat comes some seconds after the start.
  const heartbeats = `${operated.topicPrefix}__debezium-heartbeat.${operated.connector.config['topic.prefix'] ?? ''}`;
  await waitUntil(async () => (await readTopic(heartbeats)).length > 0, {
    timeoutMs: 60_000,
    what: 'a heartbeat',
  });
  const connector = await status();
  expect(connector).toMatchObject({
    code: 0,
    heartbeatAgeMs: expect.any(Number) as number,
    reasons: [],
    parts: [
      { part: 'connector', state: 'RUNNING', restarts: 0 },
      { part: 'task 0', state: 'RUNNING', restarts: 0 },
    ],
    slot: { active: true, bytesLeft: expect.any(Number) as number },
    event: { arrived: true },
  });
  const startedAgo = Date.now() - Date.parse(connector.parts[1]?.since ?? '');
  expect(startedAgo).toBeGreaterThan(0);
  expect(startedAgo).toBeLessThan(120_000);
});

test('status without Kafka, without the database: its columns are empty, the rest is told, exit code 1', async () => {
  const opsUrl = operated.database.opsUrl.replace(/:\d+\//, ':9/');
  const [noKafka, noDatabase] = await Promise.all([
    operated.outbox(['connectors', 'status', '--no-probe'], { KAFKA_BROKERS: '127.0.0.1:9' }),
    operated.outbox(['connectors', 'status', '--no-probe'], { ORDERS_OPS_DATABASE_URL: opsUrl }),
  ]);
  expect(noKafka).toMatchObject({ code: 1, stderr: '' });
  expect(noKafka.stdout).toMatch(/task 0 +RUNNING +\S+ +- +- +active .* \? +-\n/);
  expect(noKafka.stdout).toMatch(/Kafka can't be reached/);
  expect(noDatabase).toMatchObject({ code: 1, stderr: '' });
  expect(noDatabase.stdout).toMatch(/task 0 +RUNNING +\S+ +\d+ \w+ +0 +\? +\? +\?/);
  expect(noDatabase.stdout).toMatch(/Database \w+ can't be asked: .*ECONNREFUSED/);
});

test('pause and resume wait until it is so; a paused connector is not healthy and has nothing to restart', async () => {
  const paused = await outbox('pause', name);
  expect(paused.code).toBe(0);
  expect(paused.stdout).toMatch(/PAUSED.*\n +task 0 +PAUSED/);
  const [looked, restarted] = await Promise.all([outbox('status'), outbox('restart', name)]);
  expect(looked).toMatchObject({
    code: 1,
    stdout: expect.stringContaining('is PAUSED; npx outbox connectors resume') as string,
  });
  expect(restarted).toMatchObject({
    code: 1,
    stderr: expect.stringContaining('is PAUSED: there is nothing') as string,
  });
  const resumed = await outbox('resume', '--all', '--json');
  expect(JSON.parse(resumed.stdout)).toEqual([expect.objectContaining({ name, done: true, problem: null })]);
});

test('restart is counted by status; with --failed it leaves alone what has not failed', async () => {
  expect(await outbox('restart', name, '--failed')).toMatchObject({ code: 0 });
  expect((await status()).parts[1]).toMatchObject({ restarts: 0 });
  expect(await outbox('restart', name)).toMatchObject({ code: 0 });
  const after = await waitUntil(
    async () => {
      const [, task] = (await status()).parts;
      return task?.restarts === 1 && task;
    },
    { timeoutMs: 60_000, what: 'the restart to be counted' },
  );
  expect(Date.now() - Date.parse(after.since ?? '')).toBeLessThan(60_000);
  const noTask = await outbox('restart', name, '--task', '7');
  expect(noTask).toMatchObject({ code: 1, stderr: `${name} has no task 7. It has: 0.\n` });
});

test('offsets are shown beside the slot, and changed only when stopped, and only when somebody says yes', async () => {
  await say(3);
  expect(await heardAll()).toEqual(said);
  // Behind their COMMIT, so that an offset here says none of them again.
  const { rows: places } = await operated.admin.query<{ lsn: string }>({
    text: 'select pg_current_wal_lsn()::text as lsn',
  });
  const behind = places[0]?.lsn ?? '';
  const running = await outbox('offsets', name, '--reset', '--yes');
  expect(running).toMatchObject({
    code: 1,
    stderr: expect.stringContaining('is RUNNING: only the offsets') as string,
  });
  const stopped = await outbox('stop', name);
  expect(stopped).toMatchObject({ code: 0, stdout: expect.stringMatching(/STOPPED/) as string });
  const shown = JSON.parse((await outbox('offsets', name, '--json')).stdout) as {
    storedLsn: string;
    confirmedLsn: string;
    means: string;
  };
  expect(shown.storedLsn).toMatch(/^[0-9A-F]+\/[0-9A-F]+$/);
  expect(shown.means).toContain('nothing is lost');

  const asked = await outbox('offsets', name, '--lsn', '0/1');
  expect(asked).toMatchObject({ code: 2, stderr: expect.stringContaining('add --yes') as string });
  expect(asked.stdout).toContain('AHEAD of the offset');
  const unchanged = JSON.parse((await outbox('offsets', name, '--json')).stdout) as typeof shown;
  expect(unchanged.storedLsn).toBe(shown.storedLsn);

  expect(await outbox('offsets', name, '--lsn', '0/1', '--yes')).toMatchObject({ code: 0 });
  const refused = await outbox('resume', name);
  expect(refused).toMatchObject({ code: 1 });
  expect(refused.stderr).toMatch(/events would be lost\. .*ahead of the stored offset .*connectors heal/);
  expect((await operated.client.status(name))?.connector.state).toBe('STOPPED');

  const other = '[{"partition": {"server": "other"}, "offset": {"lsn": 1}}]';
  expect(await outbox('offsets', name, '--set', other, '--yes')).toMatchObject({
    code: 2,
    stderr: expect.stringContaining('reads those of its topic.prefix') as string,
  });

  expect(await outbox('offsets', name, '--lsn', behind, '--yes')).toMatchObject({ code: 0 });
  expect(await outbox('resume', name)).toMatchObject({ code: 0 });
  await say(1);
  expect(await heardAll()).toEqual(said);
  const { rows } = await operated.admin.query<{ reason: string }>({
    text: 'select reason from pipeline.connector_saves where connector = $1',
    values: [name],
  });
  expect(rows.map(({ reason }) => reason)).toEqual(['offsets set by hand', 'offsets set by hand']);
});

test('delete asks first, says what is left, and a connector created again goes on from there', async () => {
  const asked = await outbox('delete', name);
  expect(asked).toMatchObject({ code: 2, stderr: expect.stringContaining('add --yes') as string });
  expect(asked.stdout).toMatch(
    /Slot \w+ stays and holds .* of log.*\nIts stored offset stays.*\n.*goes on where it stood/,
  );
  expect(await operated.client.config(name)).toBeDefined();

  expect(await outbox('delete', name, '--yes')).toMatchObject({ code: 0 });
  expect(await operated.client.config(name)).toBeUndefined();
  expect(await slotExists()).toBe(true);
  await say(1);
  await start();
  // Not one of them a second time.
  expect(await heardAll()).toEqual(said);
});

test('delete --drop-slot leaves nothing; created again it sends every retained row', async () => {
  const deleted = await outbox('delete', name, '--drop-slot', '--yes', '--json');
  expect(JSON.parse(deleted.stdout)).toMatchObject({ name, deleted: true, slotDropped: true });
  expect(await slotExists()).toBe(false);
  expect(await outbox('delete', name, '--yes')).toMatchObject({ code: 1 });
  await start();
  expect(await heardAll(2)).toEqual([...said, ...said]);
});

test('a slot that was dropped is told by status, and keeps the connector from being resumed', async () => {
  await outbox('stop', name);
  await operated.admin.query({ text: 'select pg_drop_replication_slot($1)', values: [operated.slot] });
  const [looked, resumed] = await Promise.all([outbox('status'), outbox('resume', name)]);
  expect(looked).toMatchObject({ code: 1, stdout: expect.stringContaining(`heal ${name}`) as string });
  expect(looked.stdout).toMatch(/STOPPED .* missing /);
  expect(resumed).toMatchObject({ code: 1, stderr: expect.stringMatching(/gone.*heal/) as string });
});

test('delete --drop-slot goes on where a call died that had dropped the slot already', async () => {
  expect(await outbox('delete', name, '--drop-slot', '--yes')).toMatchObject({ code: 0 });
  expect(await operated.client.config(name)).toBeUndefined();
  const { rows } = await operated.admin.query<{ reason: string; offsets: unknown[] }>({
    text: 'select reason, offsets from pipeline.connector_saves where connector = $1 order by save_id desc limit 1',
    values: [name],
  });
  // Saved where it stood when it had stopped, before anything was forgotten.
  expect(rows).toMatchObject([{ reason: 'delete', offsets: [{ offset: expect.any(Object) as object }] }]);
});
