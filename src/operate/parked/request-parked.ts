import type { Queryable } from '../../platform/postgres/statement.ts';
import type { ParkedRequest } from '../../consumer/key-under-drain.ts';
import type { ParkedKey } from './list-parked.ts';

type KeyOfConsumer = Pick<ParkedKey, 'consumer' | 'topic' | 'key'>;

/** asked: the consumer will do it. busy: something else is asked of the key already. gone: it is not held any more. */
export type Asked = 'asked' | 'busy' | 'gone';

/**
 * Asks the running consumer to do something with a key it holds. Nothing is done here: a redrive needs the handlers, the role and
 * the schemas of the consumer that is deployed.
 */
export async function requestParked(
  db: Queryable,
  at: KeyOfConsumer,
  request: { readonly kind: ParkedRequest; readonly who: string; readonly why: string | null },
): Promise<Asked> {
  const { rowCount } = await db.query({
    name: 'parked_request',
    text: `update pipeline.parked_keys
           set request = $4, requested_by = $5, requested_why = $6, requested_at = now(), answer = null
           where consumer = $1 and topic = $2 and key = $3 and request is null`,
    values: [at.consumer, at.topic, at.key, request.kind, request.who, request.why],
  });
  if (rowCount > 0) return 'asked';
  return (await readAnswer(db, at)).kind === 'released' ? 'gone' : 'busy';
}

/** pending: not done yet. held: done, but the key is still held; the answer says why. released: the key flows. */
export type Answer =
  | { readonly kind: 'pending' | 'released' }
  | {
      readonly kind: 'held';
      readonly state: ParkedKey['state'];
      readonly answer: string;
      readonly events: number;
    };

export async function readAnswer(db: Queryable, at: KeyOfConsumer): Promise<Answer> {
  const { rows } = await db.query<{
    request: string | null;
    state: ParkedKey['state'];
    answer: string | null;
    events: number;
  }>({
    name: 'parked_read_answer',
    text: `select request, state, answer, events from pipeline.parked_keys
           where consumer = $1 and topic = $2 and key = $3`,
    values: [at.consumer, at.topic, at.key],
  });
  const [row] = rows;
  if (row === undefined) return { kind: 'released' };
  if (row.request !== null) return { kind: 'pending' };
  return { kind: 'held', state: row.state, answer: row.answer ?? 'Nothing was said.', events: row.events };
}
