/** One wrong value in a request. `field` is a path such as `lines[0].quantity`; '' means the whole body. */
export interface FieldError {
  readonly field: string;
  readonly reason: string;
}

/** The body of every answer that is not a success: RFC 9457, media type `application/problem+json`. */
export interface Problem {
  readonly type: string;
  readonly title: string;
  readonly status: number;
  readonly detail: string;
  readonly errors?: readonly FieldError[];
  /** Facts a program may need to go on, such as an order's current status. */
  readonly [extension: string]: unknown;
}

export interface HttpProblemOptions {
  readonly title: string;
  /** A sentence for the caller. It leaves the process: no stack, no SQL, nothing of another caller. */
  readonly detail: string;
  readonly errors?: readonly FieldError[];
  readonly headers?: Readonly<Record<string, string>>;
  readonly extensions?: Readonly<Record<string, unknown>>;
  readonly cause?: unknown;
}

/** Thrown by a handler to answer with a problem; everything else that is thrown becomes a 500 without details. */
export class HttpProblem extends Error {
  readonly status: number;
  /** The last part of the problem's type: what a program tells problems apart by. */
  readonly kind: string;
  readonly problem: Problem;
  readonly headers: Readonly<Record<string, string>>;

  constructor(status: number, kind: string, options: HttpProblemOptions) {
    super(options.detail, options.cause === undefined ? undefined : { cause: options.cause });
    this.name = 'HttpProblem';
    this.status = status;
    this.kind = kind;
    this.headers = options.headers ?? {};
    this.problem = {
      type: `urn:problem:${kind}`,
      title: options.title,
      status,
      detail: options.detail,
      ...(options.errors === undefined ? {} : { errors: options.errors }),
      ...options.extensions,
    };
  }
}

export function invalidRequest(errors: readonly FieldError[]): HttpProblem {
  return new HttpProblem(400, 'invalid-request', {
    title: 'The request is not valid',
    detail: errors.map(({ field, reason }) => (field === '' ? reason : `${field}: ${reason}`)).join('; '),
    errors,
  });
}

/** Of a body: what stands for it as a field is ''. */
export const notUtf8: FieldError = { field: '', reason: 'the text is not valid UTF-8' };

export function notFound(detail: string): HttpProblem {
  return new HttpProblem(404, 'not-found', { title: 'Not found', detail });
}

export function unavailable(detail: string, cause?: unknown): HttpProblem {
  return new HttpProblem(503, 'unavailable', {
    title: 'Not available for the moment',
    detail,
    headers: { 'Retry-After': '2' },
    cause,
  });
}
