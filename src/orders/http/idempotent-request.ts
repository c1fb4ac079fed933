import { HttpProblem } from '../../platform/http/problem.ts';
import type { Reply } from '../../platform/http/route.ts';
import type { IdempotencyKey } from '../answer.ts';
import { hashRequest } from '../idempotency.ts';
import type { IdempotencyHeaders } from './order-schemas.ts';

/** @param operation names what is asked for, ids in the path included */
export function idempotencyKeyOf(
  headers: IdempotencyHeaders,
  operation: string,
  body: unknown,
): IdempotencyKey | undefined {
  const key = headers['idempotency-key'];
  if (key === undefined) return undefined;
  return { clientId: headers['x-client-id'], key, requestHash: hashRequest(operation, body) };
}

/** The first answer once more, marked as such. */
export function replayed(answer: { readonly httpStatus: number; readonly text: string }): Reply {
  return { status: answer.httpStatus, jsonText: answer.text, headers: { 'Idempotent-Replay': 'true' } };
}

export function keyReused(): HttpProblem {
  return new HttpProblem(422, 'idempotency-key-reused', {
    title: 'The Idempotency-Key stands for another request',
    detail: 'This client used the same Idempotency-Key for a request with another content. Take a new key.',
  });
}

/** What the OpenAPI document says of these answers. */
export const idempotencyResponses = {
  422: { description: 'The Idempotency-Key was used for another request' },
};
