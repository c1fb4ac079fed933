import { setTimeout as delay } from 'node:timers/promises';
import { z } from 'zod';

const FIRST_PAUSE_MS = 100;
const LONGEST_PAUSE_MS = 2_000;
/** Longer than any statement of a service may take; a request without an answer by then is asked again. */
const ANSWER_WITHIN_MS = 15_000;

export interface Answer {
  readonly status: number;
  readonly body: unknown;
}

export interface Request {
  readonly method: 'POST' | 'PUT';
  readonly url: string;
  readonly body: unknown;
  readonly idempotencyKey?: string;
  readonly headers?: Readonly<Record<string, string>>;
}

export interface RetryOptions {
  /** Gives up after this time without a usable answer. */
  readonly giveUpAfterMs: number;
  readonly onRetry?: (reason: string) => void;
}

/**
 * Asks until the service has answered: no connection, no answer in time, 429 and 5xx are tried again, with growing pauses and
 * the same Idempotency-Key, so that a request whose answer got lost is not done twice. 2xx and other 4xx are answers.
 * @throws Error when there was none in `giveUpAfterMs`.
 */
export async function sendUntilAnswered(request: Request, options: RetryOptions): Promise<Answer> {
  const deadline = Date.now() + options.giveUpAfterMs;
  for (let pause = FIRST_PAUSE_MS; ; pause = Math.min(pause * 2, LONGEST_PAUSE_MS)) {
    const outcome = await sendOnce(request);
    if (typeof outcome !== 'string') return outcome;
    if (Date.now() >= deadline) {
      throw new Error(
        `${request.url} gave no usable answer for ${options.giveUpAfterMs / 1000} s (last: ${outcome}).`,
      );
    }
    options.onRetry?.(outcome);
    // Half of the pause is left to chance, so that many waiting requests don't all come back at the same moment.
    await delay(pause / 2 + Math.random() * (pause / 2));
  }
}

/** The answer, or why there is none worth having. */
async function sendOnce({ method, url, body, idempotencyKey, headers }: Request): Promise<Answer | string> {
  try {
    const response = await fetch(url, {
      method,
      headers: {
        'content-type': 'application/json',
        ...(idempotencyKey === undefined ? {} : { 'idempotency-key': idempotencyKey }),
        ...headers,
      },
      body: JSON.stringify(body),
      signal: AbortSignal.timeout(ANSWER_WITHIN_MS),
    });
    const text = await response.text();
    if (response.status >= 500 || response.status === 429)
      return `status ${response.status}: ${describeProblem(text)}`;
    return { status: response.status, body: parseJson(text) };
  } catch (error) {
    const { cause, message } = error as Error;
    return cause instanceof Error && cause.message !== '' ? cause.message : message;
  }
}

const problemSchema = z.object({
  title: z.string().optional(),
  detail: z.string().optional(),
  errors: z.array(z.object({ field: z.string(), reason: z.string() })).optional(),
});

/** problem+json in one line; anything else, its first characters. */
export function describeProblem(body: unknown): string {
  const problem = problemSchema.safeParse(typeof body === 'string' ? parseJson(body) : body);
  if (!problem.success) return String(body).slice(0, 200);
  const { title, detail, errors = [] } = problem.data;
  const [first] = errors;
  return [title, detail, first === undefined ? undefined : `${first.field}: ${first.reason}`]
    .filter((part) => part !== undefined)
    .join(' - ');
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}
