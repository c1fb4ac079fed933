import kafkajs from 'kafkajs';
import type { Kafka, LogEntry, SASLOptions } from 'kafkajs';
import type { Log } from '../log.ts';
import type { KafkaAccess } from './kafka-access.ts';
import { restWhenIdle } from './rest-when-idle.ts';

export type { Kafka } from 'kafkajs';

restWhenIdle();

/** @param options.clientId names this process in the broker's logs and quotas. */
export function createKafka(options: KafkaAccess & { clientId: string; log: Log }): Kafka {
  return new kafkajs.Kafka({
    clientId: options.clientId,
    brokers: [...options.brokers],
    ...(options.tls && { ssl: options.tls }),
    ...saslOf(options),
    connectionTimeout: 3_000,
    requestTimeout: 30_000,
    // A broker that restarts is back within seconds; the pause between tries stays below the session timeout of consumers.
    retry: { initialRetryTime: 100, maxRetryTime: 3_000, retries: 8 },
    logLevel: kafkajs.logLevel.WARN,
    logCreator: () => (entry) => writeEntry(options.log, entry),
  });
}

function saslOf({ credentials, mechanism = 'scram-sha-512' }: KafkaAccess): { sasl?: SASLOptions } {
  if (credentials === undefined) return {};
  const { user: username, password } = credentials;
  return { sasl: { mechanism, username, password } };
}

function writeEntry(log: Log, { level, namespace, log: fields }: LogEntry): void {
  const { message, timestamp: _, logger: __, ...rest } = fields;
  const line = { kafkajs: namespace, ...('error' in rest ? { reason: rest['error'] as unknown } : {}) };
  if (level === kafkajs.logLevel.ERROR) log.error(line, message);
  else if (level === kafkajs.logLevel.WARN) log.warn(line, message);
  else log.debug(line, message);
}
