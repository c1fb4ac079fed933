import { createHash } from 'node:crypto';
import type { Transaction } from '../platform/postgres/transaction.ts';
import type { Answer } from './answer.ts';
import { findAnswers } from './sql/find-answers.ts';
import { insertAnswers } from './sql/insert-answers.ts';

export type Claim =
  /** The key was free and is ours: do the work in this transaction. */
  | { readonly kind: 'claimed' }
  /** The work was done before: give its answer again. */
  | { readonly kind: 'replay'; readonly httpStatus: number; readonly text: string }
  /** The key stands for another request. */
  | { readonly kind: 'key-reused' };

/**
 * Takes each key with its answer-to-be, or finds what took it; one claim per answer, same order; at most two statements.
 * A concurrent transaction with the same key is waited for. If this transaction fails, its keys are free again, so a
 * refused request can be mended and sent with the same key.
 */
export async function claimAnswers(tx: Transaction, answers: readonly Answer[], now: Date): Promise<Claim[]> {
  if (answers.length === 0) return [];
  const firstOfKey = new Map<string, Answer>();
  for (const answer of answers) if (!firstOfKey.has(nameOf(answer))) firstOfKey.set(nameOf(answer), answer);

  const claimed = new Set((await insertAnswers(tx, [...firstOfKey.values()], now)).map(nameOf));
  const taken = [...firstOfKey.values()].filter((answer) => !claimed.has(nameOf(answer)));
  const kept = new Map(firstOfKey);
  for (const answer of taken) kept.delete(nameOf(answer));
  if (taken.length > 0) for (const answer of await findAnswers(tx, taken)) kept.set(nameOf(answer), answer);

  return answers.map((answer) => {
    const first = kept.get(nameOf(answer));
    if (first === answer) return { kind: 'claimed' };
    // Not found: the nightly purge deleted it this very moment. It is older than any retry; refusing is the safe side.
    if (first?.requestHash.equals(answer.requestHash) !== true) return { kind: 'key-reused' };
    return { kind: 'replay', httpStatus: first.httpStatus, text: first.text };
  });
}

/** SHA-256 over the operation and the parsed body, whatever the order of its fields and its white space were. */
export function hashRequest(operation: string, body: unknown): Buffer {
  return createHash('sha256').update(operation).update('\n').update(canonicalJson(body)).digest();
}

/** JSON with the keys of every object in order; undefined fields are left out. */
export function canonicalJson(value: unknown): string {
  return JSON.stringify(value, (_key, inner: unknown) => {
    if (typeof inner !== 'object' || inner === null || Array.isArray(inner)) return inner;
    return Object.fromEntries(Object.entries(inner).sort(([a], [b]) => (a < b ? -1 : 1)));
  });
}

// Neither part may hold a control character, so no two pairs share a name.
const nameOf = ({ clientId, key }: { clientId: string; key: string }): string => `${clientId}\n${key}`;
