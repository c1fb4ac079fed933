import { PipelineError } from '../platform/errors.ts';
import type { Verdict } from './decide-key-order.ts';
import { describePlace } from './describe-place.ts';
import type { ReceivedEvent } from './receive-records.ts';

/**
 * A sequence that was given twice means that the publisher has lost its memory: more than this event is at stake.
 * @throws PipelineError `event_order_broken` for the first such event, naming key and sequences.
 */
export function refuseReusedSequences(
  consumer: string,
  events: readonly ReceivedEvent[],
  verdicts: readonly Verdict[],
): void {
  const index = verdicts.findIndex(({ kind }) => kind === 'reused');
  const [event, verdict] = [events[index], verdicts[index]];
  if (event !== undefined && verdict?.kind === 'reused')
    throw reusedSequence(consumer, event, verdict.expected);
}

export function reusedSequence(
  consumer: string,
  { identity }: ReceivedEvent,
  expected: number,
): PipelineError {
  return new PipelineError(
    'event_order_broken',
    `${describePlace(identity)} is new to consumer ${consumer} but has sequence ${identity.keySeq ?? 'unknown'} of its key, which is past: ${expected} is expected next.`,
    {
      remedy:
        'The publisher gave a sequence twice, as after a restore from a backup: set pipeline.outbox_keys of the publisher past what consumers have seen.',
    },
  );
}
