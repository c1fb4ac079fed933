/** A process of its own: one polling worker for each database of DATABASE_URLS. Prints a line when it runs. */
import { createKafka } from '../../../../src/platform/kafka/kafka-client.ts';
import { createLog } from '../../../../src/platform/log.ts';
import { createPool } from '../../../../src/platform/postgres/pool.ts';
import { runPollingRelay } from './polling-relay.ts';
import { relayEnvironment } from './relay-environment.ts';
import type { PollingSettings } from './polling-relay.ts';

const { databaseUrls, brokers, topicPrefix, settings } = relayEnvironment<PollingSettings>(process.env);
const log = createLog({ name: 'polling-relay', env: process.env });
const stopping = new AbortController();
const producer = createKafka({ brokers, clientId: 'polling-relay', log }).producer({
  idempotent: true,
  maxInFlightRequests: 1,
  retry: { retries: Number.MAX_SAFE_INTEGER, maxRetryTime: 3_000 },
});
await producer.connect();
process.once('SIGTERM', () => stopping.abort());
const workers = databaseUrls.map(async (connectionString) => {
  const pool = createPool({ connectionString, applicationName: 'polling-relay', log, max: 1 });
  try {
    await runPollingRelay({ pool, producer, topicPrefix }, settings, stopping.signal);
  } finally {
    await pool.end();
  }
});
console.log('relay runs');
await Promise.all(workers);
await producer.disconnect();
