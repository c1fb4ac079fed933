import type { EachBatchPayload } from 'kafkajs';
import { processBatch } from '../../../src/consumer/batch-loop.ts';
import { BatchStarts } from '../../../src/consumer/batch-starts.ts';
import type { ConsumerRuntime } from '../../../src/consumer/consumer-runtime.ts';
import { PartitionPositions } from '../../../src/consumer/partition-positions.ts';
import { silentLog } from '../../../src/platform/log.ts';
import { tracingOff } from '../../../src/platform/tracing/tracing.ts';

/** One batch of one record, fetched from `fetchedOffset`, for a consumer whose position is 5 and whose database refuses all. */
async function process(fetchedOffset: number, options: { stale?: boolean; stopped?: boolean } = {}) {
  const stopping = new AbortController();
  const seen = {
    seeks: [] as number[],
    failures: [] as unknown[],
    resolved: [] as string[],
    transactions: 0,
  };
  const positions = new PartitionPositions({
    read: () => Promise.resolve(new Map([[0, { next: 5 }]])),
    seek: (_, offset) => seen.seeks.push(offset),
    pause: () => Promise.resolve(),
  });
  await positions.align([0]);
  seen.seeks.length = 0;
  if (options.stopped === true) stopping.abort();
  const runtime = {
    stopping: stopping.signal,
    log: silentLog,
    tracing: tracingOff,
    maxBatchSize: 10,
    clock: () => new Date(),
    definition: { name: 'c', topic: { name: 't' }, schema: 's', handlers: {} },
    commits: {
      submit: () => {
        seen.transactions += 1;
        return Promise.reject(new Error('refused'));
      },
    },
    fail: (error: unknown) => seen.failures.push(error),
  } as unknown as ConsumerRuntime<object, unknown>;
  const payload = {
    batch: {
      partition: 0,
      fetchedOffset: String(fetchedOffset),
      messages: [{ offset: String(fetchedOffset), key: null, value: null, headers: {} }],
      lastOffset: () => String(fetchedOffset),
    },
    heartbeat: () => Promise.resolve(),
    isStale: () => options.stale ?? false,
    resolveOffset: (offset: string) => seen.resolved.push(offset),
  } as unknown as EachBatchPayload;
  const display = {
    note: () => undefined,
    flush: () => Promise.resolve(),
    forget: () => undefined,
    close: () => undefined,
  };
  const starts = new BatchStarts({
    consumer: 'c',
    topic: 't',
    read: () => Promise.resolve(undefined),
    write: () => Promise.resolve(),
    clear: () => Promise.resolve(),
  });
  await processBatch({ runtime, positions, display, starts, ended: new AbortController().signal }, payload);
  return seen;
}

describe('processBatch', () => {
  test.each([6, 4])(
    'never takes a batch fetched from %i for one that begins at position 5, but seeks',
    async (from) => {
      expect(await process(from)).toEqual({ seeks: [5], failures: [], resolved: [], transactions: 0 });
    },
  );

  test('leaves a batch alone that was fetched before a seek', async () => {
    expect(await process(5, { stale: true })).toEqual({
      seeks: [],
      failures: [],
      resolved: [],
      transactions: 0,
    });
  });

  test('begins nothing once the consumer is stopping', async () => {
    expect(await process(5, { stopped: true })).toEqual({
      seeks: [],
      failures: [],
      resolved: [],
      transactions: 0,
    });
  });

  test('ends the consumer, resolves nothing and does not throw, when even parking the record fails for good', async () => {
    const seen = await process(5);
    expect(seen).toMatchObject({ resolved: [], seeks: [], transactions: 2 });
    expect(seen.failures).toMatchObject([{ code: 'event_handler_failed' }]);
  });
});
