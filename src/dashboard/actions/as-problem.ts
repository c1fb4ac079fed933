import { describeError, PipelineError } from '../../platform/errors.ts';
import { HttpProblem, unavailable } from '../../platform/http/problem.ts';

/** The sentence of an operating error as an answer; anything else stays what it is. */
export function asProblem(error: unknown): unknown {
  if (!(error instanceof PipelineError)) return error;
  const detail = describeError(error);
  switch (error.code) {
    case 'connect_unreachable':
    case 'database_unreachable':
    case 'kafka_unreachable':
      return unavailable(detail, error);
    case 'usage_invalid':
      return new HttpProblem(400, 'invalid-request', { title: 'The request is not valid', detail });
    default:
      return new HttpProblem(409, 'not-done', { title: 'Not done', detail, cause: error });
  }
}
