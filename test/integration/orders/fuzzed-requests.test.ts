import { Ajv2020 } from 'ajv/dist/2020.js';
import addFormats from 'ajv-formats';
import fc from 'fast-check';
import { requestFor, type FuzzedRequest, type OpenApi, type Operation } from '../../support/fuzz-requests.ts';
import { sendRaw, type RawAnswer } from '../../support/raw-http.ts';
import { startOrdersOverHttp, type OrdersOverHttp } from './orders-over-http.ts';

/** The same requests each time, unless FUZZ_SEED says other ones. */
const seed = Number(process.env['FUZZ_SEED'] ?? 8);
const REQUESTS = 150;
const WITHIN_MS = 8_000;

let orders: OrdersOverHttp;
let port: number;
let document: OpenApi;
const deaths: unknown[] = [];
const note = (error: unknown): unknown => deaths.push(error);

beforeAll(async () => {
  orders = await startOrdersOverHttp();
  port = Number(new URL(orders.url).port);
  document = (await orders.get('/openapi.json')).body as OpenApi;
  process.on('uncaughtExceptionMonitor', note).on('unhandledRejection', note);
});
afterAll(async () => {
  process.off('uncaughtExceptionMonitor', note).off('unhandledRejection', note);
  await orders.stop();
});

const ajv = new Ajv2020({ strict: false });
addFormats.default(ajv);
const validators = new Map<object, ReturnType<typeof ajv.compile>>();
function isAs(schema: object, value: unknown): boolean {
  const known = validators.get(schema) ?? ajv.compile({ ...schema, components: document.components });
  validators.set(schema, known);
  return known(value) === true;
}

/** Why the answer is not one that may be given; undefined when it is. */
function whatIsWrong(
  operation: Operation,
  request: FuzzedRequest,
  answer: RawAnswer | undefined,
): string | undefined {
  if (answer === undefined) return 'no answer';
  const { status, headers, body } = answer;
  const isHead = request.bytes.subarray(0, 5).toString() === 'HEAD ';
  const type = headers.get('content-type')?.split(';')[0] ?? '';
  if (status >= 500) return `status ${status}: ${body}`;
  if (isHead) return undefined;
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
    if (!isAs(schema, value)) return `status ${status} is not as documented: ${JSON.stringify(value)}`;
    if (status >= 400 && value.status !== status)
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

async function fuzz(method: string, path: string, operation: Operation): Promise<void> {
  const statuses: Record<number, number> = {};
  const property = fc.asyncProperty(requestFor(method, path, operation), async (request) => {
    const answer = await sendRaw(port, request.bytes, { withinMs: 12_000 });
    if (answer !== undefined) statuses[answer.status] = (statuses[answer.status] ?? 0) + 1;
    const wrong =
      whatIsWrong(operation, request, answer) ?? (deaths.length === 0 ? undefined : String(deaths[0]));
    if (wrong !== undefined)
      throw new Error(`${wrong}\n${request.bytes.subarray(0, 700).toString('latin1')}`);
  });
  // Not fc.assert: it prints the whole counterexample, which may be a megabyte.
  const found = await fc.check(property, {
    ...{ seed, numRuns: REQUESTS, interruptAfterTimeLimit: WITHIN_MS, markInterruptAsFailure: false },
    endOnFailure: true,
  });
  if (found.failed)
    throw new Error(
      `FUZZ_SEED=${found.seed}, request ${found.numRuns}: ${String((found.errorInstance as Error | null)?.message)}`,
    );
  expect(Object.values(statuses).reduce((sum, count) => sum + count, 0)).toBeGreaterThan(0);
}

test('whatever is asked of any route, the answer is one that the document has, and nothing is half done', async () => {
  for (const [path, operations] of Object.entries(document.paths))
    for (const [method, operation] of Object.entries(operations)) await fuzz(method, path, operation);
  expect((await orders.get('/readyz')).status).toBe(200);
  const { rows } = await orders.database.pool.query<{
    orders: number;
    placed: number;
    returns: number;
    returned: number;
    cancelled: number;
    said: number;
  }>({
    text: `
      select (select count(*)::int from orders.orders) as orders, (select count(*)::int from orders.returns) as returns,
             (select count(*)::int from orders.orders where status = 'CANCELLED') as cancelled,
             (select count(*)::int from pipeline.outbox where event_type = 'OrderPlaced') as placed,
             (select count(*)::int from pipeline.outbox where event_type = 'ItemsReturned') as returned,
             (select count(*)::int from pipeline.outbox where event_type = 'OrderCancelled') as said`,
  });
  const [counts] = rows;
  expect(counts?.orders).toBeGreaterThan(10);
  expect(counts).toMatchObject({
    placed: counts?.orders,
    returned: counts?.returns,
    said: counts?.cancelled,
  });
});
