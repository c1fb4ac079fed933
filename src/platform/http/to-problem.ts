import { isTransientPostgresError } from '../postgres/postgres-errors.ts';
import { CommitUnknownError } from '../postgres/commit-unknown-error.ts';
import { describeJsonError } from './describe-json-error.ts';
import { NOT_UTF8 } from './json-body.ts';
import { HttpProblem, invalidRequest, notUtf8, unavailable } from './problem.ts';

/** What Express and the body parser throw: a status that may be shown, and for bad JSON the text that was read. */
interface HttpError extends Error {
  readonly status: number;
  readonly type?: string;
  readonly body?: unknown;
  readonly limit?: number;
}

/** The one place where anything thrown while a request is served becomes an answer. Never shows a stack or a cause. */
export function toProblem(error: unknown): HttpProblem {
  if (error instanceof HttpProblem) return error;
  if (error instanceof CommitUnknownError) {
    // No Retry-After: clients that follow it by themselves would do the work twice.
    return new HttpProblem(503, 'outcome-unknown', {
      title: 'Whether it was done is not known',
      detail:
        'The database went away in the moment of committing. Send it again only with the Idempotency-Key that it had, or look first.',
      cause: error,
    });
  }
  if (isTransientPostgresError(error))
    return unavailable('The database cannot be reached or is busy; try again.', error);
  if (isClientError(error)) return clientProblem(error);
  return new HttpProblem(500, 'internal', {
    title: 'Something went wrong here',
    detail: 'The request failed because of a fault in the service; nothing was changed by it.',
    cause: error,
  });
}

function isClientError(error: unknown): error is HttpError {
  if (!(error instanceof Error) || !('status' in error)) return false;
  return typeof error.status === 'number' && error.status >= 400 && error.status < 500;
}

function clientProblem(error: HttpError): HttpProblem {
  switch (error.type) {
    case 'entity.parse.failed':
      return invalidRequest([{ field: '', reason: describeJsonError(error.message, String(error.body)) }]);
    case NOT_UTF8:
      return invalidRequest([notUtf8]);
    case 'entity.too.large':
      return new HttpProblem(413, 'too-large', {
        title: 'The body is too large',
        detail: `The body may have at most ${error.limit ?? 0} bytes.`,
      });
    case 'encoding.unsupported':
    case 'charset.unsupported':
      return new HttpProblem(415, 'unsupported-media-type', {
        title: 'Unsupported media type',
        detail: 'Send the body as UTF-8 JSON without compression.',
      });
    case undefined:
    default:
      return new HttpProblem(error.status, 'bad-request', {
        title: 'The request cannot be read',
        // URIError of a path such as /orders/%zz, aborted bodies and the like: their own words name only the request.
        detail: error.message,
      });
  }
}
