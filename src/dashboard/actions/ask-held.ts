import type { OperatedService } from '../../operate/operated-pipeline.ts';
import { awaitAnswer } from '../../operate/parked/await-answer.ts';
import { requestParked } from '../../operate/parked/request-parked.ts';
import { HttpProblem, notFound } from '../../platform/http/problem.ts';
import type { HeldAction, Said } from '../dashboard-state.ts';

const WITHIN_MS = 10_000;

/**
 * Asks the running consumer to run a key's queue again, or to pass over its first event, and says what came of it.
 * @throws HttpProblem 404 for a consumer that is not there, 409 when the key is still held or something else is asked of it
 */
export async function askHeld(
  services: readonly OperatedService[],
  kind: 'redrive' | 'discard',
  { consumer, topic, key, reason }: HeldAction,
): Promise<Said> {
  const service = services.find((one) => one.consumer === consumer);
  if (service === undefined) throw notFound(`There is no consumer ${consumer}.`);
  const at = { consumer, topic, key };
  const request = { kind, who: 'dashboard', why: reason ?? null };
  const asked = await requestParked(service.pool, at, request);
  if (asked === 'gone') return { said: `Key ${key} is not held any more.` };
  if (asked === 'busy')
    throw conflict(`Something else was asked of key ${key} before and is not done yet; try again.`);
  const answer = await awaitAnswer(service.pool, at, Date.now() + WITHIN_MS);
  switch (answer.kind) {
    case 'released':
      return {
        said:
          kind === 'redrive'
            ? `Key ${key} was run again and flows.`
            : `The event was discarded; key ${key} flows again.`,
      };
    case 'held':
      throw conflict(`Key ${key} is still ${answer.state}: ${answer.answer.split('\n', 1)[0] ?? ''}`);
    case 'pending':
      throw conflict(
        `Not done yet after ${WITHIN_MS / 1_000} s: consumer ${consumer} does not seem to run. It does it as soon as it does.`,
      );
  }
}

const conflict = (detail: string): HttpProblem =>
  new HttpProblem(409, 'not-done', { title: 'Not done', detail });
