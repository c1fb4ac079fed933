import { PipelineError } from '../platform/errors.ts';
import type { ErrorCode } from '../platform/errors.ts';
import { policyFor } from './error-policy.ts';

/** Why an event could not be applied, as it is kept with its key. */
export interface Failure {
  readonly code: ErrorCode;
  readonly reason: string;
  readonly stack: string | null;
}

/** Postgres takes no NUL in a text, and a stack is read by people. */
const LONGEST_REASON = 2_000;
const LONGEST_STACK = 8_000;

export function failureFrom(error: unknown): Failure {
  const { code, remedy } = policyFor(error);
  const message = Error.isError(error) ? error.message : String(error);
  return {
    code,
    reason: storable(`${message} ${remedy}`, LONGEST_REASON),
    stack: stackOf(error),
  };
}

/** Our own errors are raised where the failure was noticed; what a person looks for is where it happened: the cause. */
function stackOf(error: unknown): string | null {
  if (!Error.isError(error)) return null;
  const stack =
    error instanceof PipelineError && Error.isError(error.cause) ? error.cause.stack : error.stack;
  return stack === undefined ? null : storable(stack, LONGEST_STACK);
}

const storable = (text: string, longest: number): string =>
  text.replaceAll('\0', '\\0').slice(0, longest).toWellFormed();
