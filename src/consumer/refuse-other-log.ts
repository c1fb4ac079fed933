import { PipelineError } from '../platform/errors.ts';
import { identifyRecord } from './identify-record.ts';
import type { EventPlace } from './positions.ts';
import { beginAgain } from './read-aligned-positions.ts';
import type { LogRecord } from './read-envelope.ts';

/**
 * Offsets alone do not tell a topic from one of the same name that was made anew and has grown past the position: going on there
 * would pass over all before it in silence.
 * @param found the first record that was fetched from where the last one was read
 * @throws PipelineError `position_outside_log`
 */
export function refuseOtherLog(
  consumer: { readonly name: string; readonly topic: { readonly name: string } },
  at: { readonly partition: number; readonly next: number; readonly last: EventPlace },
  found: LogRecord | undefined,
): void {
  const { partition, next, last } = at;
  const topic = consumer.topic.name;
  const there = found === undefined ? undefined : identifyRecord(found, { topic, partition });
  if (there?.offset === last.offset && there.eventId === last.eventId) return;
  throw new PipelineError(
    'position_outside_log',
    `Consumer ${consumer.name} is at offset ${next} of topic ${topic}, partition ${partition}, and had read event ${last.eventId} at offset ` +
      `${last.offset}; now ${there === undefined ? 'nothing' : `event ${there.eventId}`} is there.`,
    { remedy: `The topic was made anew. ${beginAgain(consumer.name)}` },
  );
}
