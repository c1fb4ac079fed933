import { PipelineError } from '../../platform/errors.ts';
import type { Transaction } from '../../platform/postgres/transaction.ts';

/** What the live state rests on and the second one never saw. */
export interface Incomplete {
  /** Keys whose first events were not there to be read. */
  readonly keys: number;
  /** Events of which nothing was recorded, or no longer is, and which are in no queue either. */
  readonly events: number;
}

/** Only where the second state is exactly where the live one is. */
export async function findIncomplete(tx: Transaction, consumer: string, topic: string): Promise<Incomplete> {
  const { rows } = await tx.query<Incomplete>({
    name: 'rebuild_find_incomplete',
    text: `select (
             select count(*) from pipeline.consumer_keys as live
             left join pipeline.rebuild_keys as rebuilt using (consumer, key)
             where consumer = $1 and topic = $2
               and coalesce(rebuilt.first_seq, live.last_seq + 1) - live.base_seq > (
                 select count(distinct key_seq) from pipeline.parked_decisions as decided
                 where decided.consumer = $1 and decided.topic = $2 and decided.key = live.key and decision = 'skipped'
                   and key_seq >= live.base_seq and key_seq < coalesce(rebuilt.first_seq, live.last_seq + 1))
           ) as keys, (
             select count(*) from pipeline.rebuild_left as waiting
             where consumer = $1 and not exists (
               select from pipeline.parked_events as queued where queued.consumer = $1 and queued.event_id = waiting.event_id)
           ) as events`,
    values: [consumer, topic],
  });
  return rows[0] ?? { keys: 0, events: 0 };
}

/** @throws PipelineError `rebuild_refused` */
export function refuseIncomplete(consumer: string, { keys, events }: Incomplete): void {
  if (keys > 0)
    throw new PipelineError(
      'rebuild_refused',
      `The rebuild of ${consumer} lacks the first events of ${keys} ${keys === 1 ? 'key' : 'keys'}: they are neither in the topic nor in the outbox any more.`,
      {
        remedy:
          'A state can only be rebuilt while all of its events are kept: abandon it, and raise the retention of topic and outbox for the next time.',
      },
    );
  if (events > 0)
    throw new PipelineError(
      'rebuild_refused',
      `Of ${events} events that ${consumer} has read it is not known any more what became of them: what was processed is remembered for a limited time.`,
      { remedy: 'Abandon it: such a state can not be rebuilt from its events.' },
    );
}
