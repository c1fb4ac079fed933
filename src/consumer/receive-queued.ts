import type { ConsumerRuntime } from './consumer-runtime.ts';
import { identifyRecord } from './identify-record.ts';
import type { KeyUnderDrain } from './key-under-drain.ts';
import type { QueuedEvent } from './queued-events.ts';
import { receiveRecords } from './receive-records.ts';
import type { ReceivedEvent } from './receive-records.ts';

/**
 * An event may have waited for longer than the horizon: how old it was when it came is what counts. What is discarded is not
 * even decoded: that may be what it must not be tried for.
 */
export async function receiveQueued<Payloads, Change>(
  { definition, decoder }: ConsumerRuntime<Payloads, Change>,
  { request, topic }: KeyUnderDrain,
  queued: readonly QueuedEvent[],
): Promise<ReceivedEvent[]> {
  const isDiscarded = (index: number, parkedAt: Date): boolean => {
    if (request?.kind === 'discard') return index === 0;
    // What came after the operator's word was not meant by it.
    return request?.kind === 'discard_all' && parkedAt <= request.at;
  };
  const received = await Promise.all(
    queued.map(async ({ record, partition, parkedAt }, index): Promise<ReceivedEvent[]> => {
      if (isDiscarded(index, parkedAt))
        return [
          { identity: identifyRecord(record, { topic, partition }), record, content: { use: 'discard' } },
        ];
      return receiveRecords([record], { definition, partition, decoder, now: parkedAt });
    }),
  );
  return received.flat();
}
