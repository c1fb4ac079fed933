/** A process of its own: the replication listener of the npm package pg-transactional-outbox, publishing to Kafka. */
import {
  createReplicationSegmentMutexConcurrencyController,
  initializeReplicationMessageListener,
} from 'pg-transactional-outbox';
import type { GeneralMessageHandler, ReplicationListenerConfig } from 'pg-transactional-outbox';
import { createKafka } from '../../../../src/platform/kafka/kafka-client.ts';
import { createLog } from '../../../../src/platform/log.ts';
// bigint and timestamps are read as everywhere, by parsers that this sets.
import '../../../../src/platform/postgres/pool.ts';
import { listenerTable } from './listener-table.ts';
import { recordOf } from './outbox-record.ts';
import { relayEnvironment } from './relay-environment.ts';

export interface ListenerSettings {
  readonly slot: string;
  /** As the package comes: one message after the other, each marked before and after. Else what it allows to be set. */
  readonly asItComes: boolean;
}

interface Metadata {
  readonly eventId: string;
  readonly keySeq: number;
  readonly fingerprint: string;
  readonly traceparent: string | null;
  readonly occurredAt: string;
}

const { databaseUrls, brokers, topicPrefix, settings } = relayEnvironment<ListenerSettings>(process.env);
const log = createLog({ name: 'listener', env: process.env, level: 'warn' });
const kafka = createKafka({ brokers, clientId: 'listener', log });
// Per key the next send waits for the last one, so several may be under way.
const producer = kafka.producer(settings.asItComes ? { idempotent: true, maxInFlightRequests: 1 } : {});
await producer.connect();

const handler: GeneralMessageHandler = {
  handle: async (message) => {
    const metadata = message.metadata as unknown as Metadata;
    const record = recordOf(
      {
        id: message.id,
        event_id: metadata.eventId,
        topic: message.aggregateType,
        partition_key: message.segment ?? '',
        key_seq: metadata.keySeq,
        event_type: message.messageType,
        aggregate_id: message.aggregateId,
        payload: message.payload as Buffer,
        schema_fingerprint: metadata.fingerprint,
        traceparent: metadata.traceparent,
        occurred_at: new Date(metadata.occurredAt),
      },
      Date.now(),
    );
    await producer.send({ topic: topicPrefix + message.aggregateType, acks: -1, messages: [record] });
  },
};
const config: ReplicationListenerConfig = {
  outboxOrInbox: 'outbox',
  dbListenerConfig: { connectionString: databaseUrls[0] ?? '' },
  dbHandlerConfig: {
    connectionString: databaseUrls[0] ?? '',
    max: 20,
  } as ReplicationListenerConfig['dbListenerConfig'],
  settings: {
    dbSchema: listenerTable.schema,
    dbTable: listenerTable.name,
    dbPublication: listenerTable.publication,
    dbReplicationSlot: settings.slot,
    enableMaxAttemptsProtection: settings.asItComes,
    enablePoisonousMessageProtection: settings.asItComes,
  },
};
const [shutdown] = initializeReplicationMessageListener(
  config,
  handler,
  log,
  settings.asItComes ? {} : { concurrencyStrategy: createReplicationSegmentMutexConcurrencyController() },
);
process.once('SIGTERM', () => {
  void shutdown()
    .then(() => producer.disconnect())
    .finally(() => process.exit(0));
});
console.log('relay runs');
