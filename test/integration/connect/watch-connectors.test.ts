import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { isRunning } from '../../../src/connect/connector-status.ts';
import { waitUntil } from '../../../src/platform/wait-until.ts';
import { startConnectProxy, type ConnectProxy } from '../../support/connect-proxy.ts';
import { createOperatedOutbox, type OperatedOutbox } from '../../support/operated-outbox.ts';
import { stackValue } from '../../support/test-stack.ts';
import { createTopics } from '../../support/test-topics.ts';

let operated: OperatedOutbox;
let name: string;
let proxy: ConnectProxy;
const watches: Watch[] = [];

interface Watch {
  readonly process: ChildProcess;
  output(): string;
  /** The output behind what was waited for last, as soon as it matches. */
  says(pattern: RegExp, timeoutMs?: number): Promise<void>;
  end(signal?: NodeJS.Signals): Promise<number | null>;
}

function watch(...words: string[]): Watch {
  const child = operated.startOutbox(['connectors', 'watch', '--interval', '0.5', ...words]);
  let output = '';
  let read = 0;
  child.stdout?.on('data', (chunk: Buffer) => (output += chunk.toString('utf8')));
  child.stderr?.on('data', (chunk: Buffer) => (output += chunk.toString('utf8')));
  const started: Watch = {
    process: child,
    output: () => output,
    says: async (pattern, timeoutMs = 60_000) => {
      await waitUntil(
        () => {
          const found = pattern.exec(output.slice(read));
          if (found === null) return false;
          read += found.index + found[0].length;
          return true;
        },
        { timeoutMs, what: `watch to say ${pattern.source} behind: ${output}` },
      );
    },
    end: async (signal = 'SIGTERM') => {
      if (child.exitCode !== null) return child.exitCode;
      child.kill(signal);
      await once(child, 'exit');
      return child.exitCode;
    },
  };
  watches.push(started);
  return started;
}

const stateOf = async (): Promise<string | undefined> =>
  (await operated.client.status(name))?.tasks[0]?.state;

/** Kafka refuses it, whatever is done: no topic can have that name. */
const insertBadRecord = (): Promise<void> => insertRecord('not a topic!');

async function insertRecord(topic: string): Promise<void> {
  await operated.admin.query({
    text: `
      insert into pipeline.outbox (event_id, topic, partition_key, key_seq, event_type, aggregate_id, payload, schema_fingerprint, occurred_at)
      values (gen_random_uuid(), $1, 'x', 1, 't', 'a', 'x', 'f', now())`,
    values: [topic],
  });
}

beforeAll(async () => {
  operated = await createOperatedOutbox();
  name = operated.connector.name;
  proxy = await startConnectProxy({ target: stackValue('CONNECT_URL') });
  await operated.client.createStopped(name, operated.connector.config);
  await operated.client.resume(name);
  await waitUntil(
    async () => {
      const status = await operated.client.status(name);
      return status !== undefined && isRunning(status);
    },
    { timeoutMs: 30_000, what: 'the connector to run' },
  );
});
afterAll(async () => {
  for (const one of watches) await one.end('SIGKILL');
  await proxy.close().catch(() => undefined);
  await operated.close();
});

test('over a pipe it says what changes, shows a Connect that is away, and ends with SIGTERM', async () => {
  const seen = watch('--connect', proxy.url);
  await seen.says(/task 0 {2}RUNNING {2}.*\n/);
  await operated.client.pause(name);
  await seen.says(/task 0 {2}PAUSED/);
  await seen.says(/The connector is PAUSED/);
  await proxy.close();
  await seen.says(/Kafka Connect can't be reached at http:/);
  await proxy.reopen();
  await seen.says(/task 0 {2}PAUSED/);
  await operated.client.resume(name);
  await seen.says(/task 0 {2}RUNNING/);
  await seen.says(/healthy\n/);
  expect(await seen.end()).toBe(0);
  expect(seen.output()).not.toContain('\u001b[');
});

test('as JSON each change is an object; it ends when its reader has gone', async () => {
  const seen = watch('--json');
  // Before it there may be a look that got no answer, such as one in the middle of a rebalance; behind it there may be others.
  await seen.says(/"name":.*\n/);
  const look = seen
    .output()
    .split('\n')
    .find((line) => line.includes('"name":'));
  expect(JSON.parse(look ?? '')).toMatchObject({
    name,
    parts: [{ state: 'RUNNING' }, { state: 'RUNNING' }],
  });
  seen.process.stdout?.destroy();
  // It finds out with the next thing that it has to say.
  await operated.client.pause(name);
  if (seen.process.exitCode === null) await once(seen.process, 'exit');
  expect(seen.process.exitCode).toBe(0);
});

test('with --once the exit code says whether something is not healthy', async () => {
  const paused = await operated.outbox(['connectors', 'watch', '--once']);
  expect(paused).toMatchObject({ code: 1, stdout: expect.stringContaining('is PAUSED') as string });
  await operated.client.resume(name);
  await waitUntil(async () => (await stateOf()) === 'RUNNING', {
    timeoutMs: 60_000,
    what: 'the task to run',
  });
  const once = await operated.outbox(['connectors', 'watch', '--once']);
  expect(once.code).toBe(0);
  expect(once.stdout).toContain('All of it is healthy.');
  const both = await operated.outbox(['connectors', 'watch', '--once', '--heal']);
  expect(both).toMatchObject({ code: 2 });
});

test('a connector that is RUNNING but dead is told within 15 s: it waits for a topic, or is not given the rows', async () => {
  const seen = watch();
  await seen.says(/healthy\n/);
  // Nothing but a probe finds that out so soon.
  await insertRecord('nowhere.events');
  await seen.says(/task 0 {2}RUNNING .* event >\d+ s\n/, 15_000);
  expect(await stateOf()).toBe('RUNNING');
  await seen.says(
    new RegExp(`waits for a topic that does not exist: ${operated.topicPrefix}nowhere\\.events`),
  );
  await createTopics(operated.topicPrefix, [{ name: 'nowhere.events', partitions: 1 }]);
  await seen.says(/healthy\n/);
  await operated.admin.query({ text: 'alter publication orders_outbox drop table pipeline.outbox' });
  await seen.says(/[Pp]ublication orders_outbox/, 15_000);
  expect(await seen.end()).toBe(0);
  // What was written meanwhile may have been passed over, so putting the table back is not enough.
  expect(await operated.outbox(['connectors', 'heal'])).toMatchObject({ code: 0 });
});

test('--heal restarts a task that a bad record has failed, gives up when that does not help, and calls for help', async () => {
  const told = join(operated.folder, 'told');
  const command = `echo "$OUTBOX_CONNECTOR|$OUTBOX_TASK|$OUTBOX_TRACE" > ${told}; echo "no phone" >&2; exit 3`;
  const seen = watch(
    '--no-probe',
    '--heal',
    '--heal-limit',
    '1',
    '--heal-wait',
    '500ms',
    '--on-give-up',
    command,
  );
  await seen.says(/healthy/);
  await insertBadRecord();
  await seen.says(/Task 0 is FAILED: .*InvalidTopicException/);
  await seen.says(/task 0 had FAILED; restart 1 of 1\./);
  // Only another failure counts, not the old one that Connect goes on showing for a moment.
  await seen.says(
    new RegExp(`GAVE UP ${name} after 1 restarts in a row: task 0 FAILED again: .*InvalidTopic`),
  );
  await seen.says(/The command of --on-give-up ended with code 3: no phone\./);
  expect(readFileSync(told, 'utf8')).toMatch(new RegExp(`^${name}\\|0\\|.*InvalidTopicException`));
  expect(await seen.end('SIGINT')).toBe(0);
});

test('status tells the first line of the failure, and restart --failed that it failed again', async () => {
  const looked = await operated.outbox(['connectors', 'status', '--no-probe']);
  expect(looked).toMatchObject({ code: 1 });
  expect(looked.stdout).toMatch(/task 0 +FAILED .*\n[^]*Task 0 is FAILED: .*InvalidTopicException/);
  const restarted = await operated.outbox(['connectors', 'restart', name, '--failed']);
  expect(restarted).toMatchObject({
    code: 1,
    stderr: expect.stringMatching(/task 0 FAILED: .*InvalidTopic/) as string,
  });
});

test('--heal does not restart what would lose events, and says what to run instead', async () => {
  await waitUntil(async () => (await stateOf()) === 'FAILED', {
    timeoutMs: 60_000,
    what: 'the task to fail',
  });
  await waitUntil(
    async () => {
      await operated.admin.query({ text: 'select pg_drop_replication_slot($1)', values: [operated.slot] });
      return true;
    },
    { timeoutMs: 60_000, what: 'the slot to be free' },
  );
  const seen = watch('--no-probe', '--heal', '--heal-wait', '500ms');
  await seen.says(
    new RegExp(`${name} is not restarted, since that would lose events\\. .*connectors heal ${name}`),
  );
  expect(await seen.end()).toBe(0);
  expect(seen.output()).not.toContain('restart 1 of');
  expect(await stateOf()).toBe('FAILED');
});
