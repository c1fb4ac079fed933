import { PipelineError } from '../platform/errors.ts';
import type { Verdict } from './decide-key-order.ts';
import { describePlace } from './describe-place.ts';
import type { ReceivedEvent } from './receive-records.ts';

/**
 * Nobody overtakes: an event whose turn it is not, ends the batch.
 * @throws PipelineError `event_gap` or `event_order_broken` for the first such event, naming key and sequences.
 */
export function refuseBrokenOrder(
  consumer: string,
  events: readonly ReceivedEvent[],
  verdicts: readonly Verdict[],
): void {
  events.forEach(({ event }, index) => {
    const verdict = verdicts[index];
    if (verdict?.kind === 'gap')
      throw new PipelineError(
        'event_gap',
        `${describePlace(event)} has sequence ${event.keySeq}, but consumer ${consumer} expects ${verdict.expected} next for key ${event.key}: ${missing(verdict.expected, event.keySeq)}.`,
        {
          remedy:
            "Find the missing event in the publisher's pipeline.outbox (partition_key, key_seq). Apply its effect by hand and, in the same transaction, set last_seq of the key in pipeline.consumer_keys to its sequence; then start the consumer again.",
        },
      );
    if (verdict?.kind === 'reused')
      throw new PipelineError(
        'event_order_broken',
        `${describePlace(event)} is new to consumer ${consumer} but has sequence ${event.keySeq} of key ${event.key}, which is past: ${verdict.expected} is expected next.`,
        {
          remedy:
            'The publisher gave a sequence twice, as after a restore from a backup: set pipeline.outbox_keys of the publisher past what consumers have seen.',
        },
      );
  });
}

function missing(expected: number, seen: number): string {
  return seen - expected === 1
    ? `event ${expected} is missing`
    : `events ${expected} to ${seen - 1} are missing`;
}
