import { Ajv2020 } from 'ajv/dist/2020.js';
import addFormats from 'ajv-formats';
import fc from 'fast-check';
import { requestFor, type FuzzedRequest, type OpenApi, type Operation } from './fuzz-requests.ts';
import { sendRaw, type RawAnswer } from './raw-http.ts';

/** The same requests each time, unless FUZZ_SEED says other ones. */
const seed = Number(process.env['FUZZ_SEED'] ?? 8);

export interface FuzzOptions {
  readonly port: number;
  readonly document: OpenApi;
  /** Of each operation, unless its time is over before. */
  readonly requests: number;
  /** Shared by all operations alike. */
  readonly withinMs: number;
  /** What every request says of itself; `Host: x` unless given. */
  readonly headers?: readonly string[];
}

/**
 * Asks every operation of the document whatever `requestFor` makes of it, and throws on the first answer that the document has not, with
 * the request and the seed that makes it again. Something thrown that nobody caught counts as an answer of the server in this process.
 */
export async function fuzzRoutes(options: FuzzOptions): Promise<void> {
  const deaths: unknown[] = [];
  const note = (error: unknown): unknown => deaths.push(error);
  process.on('uncaughtExceptionMonitor', note).on('unhandledRejection', note);
  try {
    const operations = Object.entries(options.document.paths).flatMap(([path, methods]) =>
      Object.entries(methods).map(([method, operation]) => ({ method, path, operation })),
    );
    const withinMs = options.withinMs / operations.length;
    for (const one of operations) await fuzz(one, { ...options, withinMs }, deaths);
  } finally {
    process.off('uncaughtExceptionMonitor', note).off('unhandledRejection', note);
  }
}

interface OneOperation {
  readonly method: string;
  readonly path: string;
  readonly operation: Operation;
}

async function fuzz(
  { method, path, operation }: OneOperation,
  { port, document, requests, withinMs, headers }: FuzzOptions,
  deaths: readonly unknown[],
): Promise<void> {
  let answers = 0;
  const property = fc.asyncProperty(requestFor(method, path, operation, headers), async (request) => {
    const answer = await sendRaw(port, request.bytes, { withinMs: 12_000 });
    if (answer !== undefined) answers += 1;
    const wrong =
      whatIsWrong(
        document,
        document.paths[path]?.[request.method.toLowerCase()] ?? operation,
        request,
        answer,
      ) ?? (deaths.length === 0 ? undefined : String(deaths[0]));
    if (wrong !== undefined)
      throw new Error(`${wrong}\n${request.bytes.subarray(0, 700).toString('latin1')}`);
  });
  // Not fc.assert: it prints the whole counterexample, which may be a megabyte.
  const found = await fc.check(property, {
    ...{ seed, numRuns: requests, interruptAfterTimeLimit: withinMs, markInterruptAsFailure: false },
    endOnFailure: true,
  });
  if (found.failed)
    throw new Error(
      `FUZZ_SEED=${found.seed}, request ${found.numRuns}: ${String((found.errorInstance as Error | null)?.message)}`,
    );
  if (answers === 0) throw new Error(`${method} ${path} was not asked at all.`);
}

const ajv = new Ajv2020({ strict: false });
addFormats.default(ajv);
const validators = new WeakMap<object, ReturnType<typeof ajv.compile>>();
function isAs(schema: object, value: unknown, { components }: OpenApi): boolean {
  const known = validators.get(schema) ?? ajv.compile({ ...schema, components });
  validators.set(schema, known);
  return known(value) === true;
}

/** Why the answer is not one that may be given; undefined when it is. */
function whatIsWrong(
  document: OpenApi,
  operation: Operation,
  request: FuzzedRequest,
  answer: RawAnswer | undefined,
): string | undefined {
  if (answer === undefined) return 'no answer';
  const { status, headers, body } = answer;
  const type = headers.get('content-type')?.split(';')[0] ?? '';
  // Only a check that fails says so in its document.
  if (status >= 500 && operation.responses[status] === undefined) return `status ${status}: ${body}`;
  if (request.method === 'HEAD') return undefined;
  const documented = operation.responses[status] ?? operation.responses['default'];
  const schema = documented?.content[type]?.schema;
  if (schema === undefined) return `status ${status} of type ${type} is not documented`;
  if (type === 'text/plain') return undefined;
  const values = (
    type === 'application/x-ndjson' ? body.split('\n').filter((line) => line !== '') : [body]
  ).map(
    (text) =>
      JSON.parse(text) as {
        status?: number;
        type?: string;
        errors?: { field: string }[];
        problem?: { errors?: { field: string }[] };
      },
  );
  for (const value of values) {
    if (!isAs(schema, value, document))
      return `status ${status} is not as documented: ${JSON.stringify(value)}`;
    if (type === 'application/problem+json' && value.status !== status)
      return `a problem of status ${value.status} came with ${status}`;
    const errors = value.errors ?? value.problem?.errors;
    if (value.type === 'urn:problem:invalid-request' && errors?.length === 0) return 'no field is named';
    if (
      errors !== undefined &&
      request.spoiltAt !== undefined &&
      hasOnlyABody(operation) &&
      !isNamed(request.spoiltAt, errors)
    )
      return `${request.spoiltAt} is wrong, and named is ${JSON.stringify(errors)}`;
  }
  return undefined;
}

/** Where parameters may be wrong too, they are named first. */
const hasOnlyABody = ({ parameters }: Operation): boolean => parameters.length === 0;

const isNamed = (place: string, errors: readonly { field: string }[]): boolean =>
  errors.some(({ field }) => field === '' || field.startsWith(place) || place.startsWith(field));
