import { createStack } from '../../scripts/stack/stack.ts';
import type { Stack } from '../../scripts/stack/stack.ts';
import { createConnectClient, type ConnectClient } from '../../src/connect/connect-client.ts';
import { readAccess } from '../../src/platform/access.ts';
import { readKafkaAccess } from '../../src/platform/kafka/kafka-access.ts';
import { createKafka } from '../../src/platform/kafka/kafka-client.ts';
import type { Kafka } from '../../src/platform/kafka/kafka-client.ts';
import { silentLog } from '../../src/platform/log.ts';

/** Addresses and passwords of the stack that the global set-up started, named as in .env.example. */
export function testStackEnv(): Record<string, string> {
  const text = process.env['TEST_STACK_ENV'];
  if (text === undefined)
    throw new Error('There is no test stack: run this test by its jest project (npm test).');
  return JSON.parse(text) as Record<string, string>;
}

export function stackValue(name: string): string {
  const value = testStackEnv()[name];
  if (value === undefined) throw new Error(`The test stack has no ${name}.`);
  return value;
}

/** Makes a stack the one that this process and those it starts from now on work with. Its folder is relative to the checkout. */
export function useTestStack({ root, env }: { root: string; env: Readonly<Record<string, string>> }): void {
  process.env['TEST_STACK_ENV'] = JSON.stringify({ ...env, TEST_STACK_ROOT: root });
}

/** The running stack, for tests that stop and start its parts. */
export function testStack(): Stack {
  return createStack({ root: stackValue('TEST_STACK_ROOT'), env: testStackEnv() });
}

/** Copies of each partition that the running stack can keep. */
export const testReplicationFactor = (): number => Number(stackValue('REPLICATION_FACTOR'));

export function testKafka(): Kafka {
  return createKafka({ ...readKafkaAccess(testStackEnv()), clientId: 'test', log: silentLog });
}

export function testConnect(): ConnectClient {
  return createConnectClient({ url: stackValue('CONNECT_URL'), ...readAccess(testStackEnv(), 'CONNECT') });
}
