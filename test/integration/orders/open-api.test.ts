import { Ajv2020 } from 'ajv/dist/2020.js';
import addFormats from 'ajv-formats';
import { anOrder, startOrdersOverHttp } from './orders-over-http.ts';
import type { Answer, OrdersOverHttp } from './orders-over-http.ts';
import { effectOf, settle } from './settle.ts';

interface Operation {
  parameters: { name: string; in: string }[];
  requestBody?: { content: Record<string, { schema: object }> };
  responses: Record<string, { content: Record<string, { schema: object }> }>;
}
interface OpenApi {
  openapi: string;
  paths: Record<string, Record<string, Operation>>;
  components: object;
}

let orders: OrdersOverHttp;
let document: OpenApi;
beforeAll(async () => {
  orders = await startOrdersOverHttp();
  document = (await orders.get('/openapi.json')).body as OpenApi;
});
afterAll(() => orders.stop());

/** The named schema of the document, its references resolved within the document. */
function validatorOf(schema: object) {
  const ajv = new Ajv2020({ strict: false, allErrors: true });
  addFormats.default(ajv);
  return ajv.compile({ ...schema, components: document.components });
}

function expectDocumented(answer: Answer, method: string, path: string): void {
  const operation = document.paths[path]?.[method];
  const response = operation?.responses[String(answer.status)] ?? operation?.responses['default'];
  const type = answer.headers.get('content-type')?.split(';')[0] ?? '';
  const schema = response?.content[type]?.schema;
  if (schema === undefined) throw new Error(`${method} ${path} ${answer.status} ${type} is not documented`);
  const validate = validatorOf(schema);
  for (const value of type === 'application/x-ndjson' ? answer.text.trim().split('\n') : [answer.text]) {
    if (type === 'text/plain') return;
    validate(JSON.parse(value));
    expect({ answer: value, errors: validate.errors }).toEqual({ answer: value, errors: null });
  }
}

test('the document names exactly the routes that are mounted', () => {
  const documented = Object.entries(document.paths).flatMap(([path, operations]) =>
    Object.keys(operations).map((method) => `${method} ${path}`),
  );
  const mounted = orders.routes.map((route) => `${route.method} ${route.path.replace(/:(\w+)/g, '{$1}')}`);
  expect(documented.toSorted()).toEqual(mounted.toSorted());
  expect(documented).toHaveLength(11);
});

test('every documented route answers, and with what the document says', async () => {
  const placed = await orders.post('/orders', anOrder);
  const { orderId } = placed.body as { orderId: string };
  const shortage = { sku: 'A', requested: 2, available: 0, reason: 'UNKNOWN_SKU' } as const;
  const other = ((await orders.post('/orders', { ...anOrder, reference: 'r' })).body as { orderId: string })
    .orderId;
  await settle(orders, effectOf({ status: 'REJECTED', orderId: other, reasons: [shortage] }));
  const bulk = `${JSON.stringify(anOrder)}\n{}`;
  const answers: [Answer, string, string][] = [
    [placed, 'post', '/orders'],
    [await orders.post('/orders', { x: 1 }), 'post', '/orders'],
    [
      await orders.post('/orders/bulk', bulk, { 'content-type': 'application/x-ndjson' }),
      'post',
      '/orders/bulk',
    ],
    [await orders.get('/orders'), 'get', '/orders'],
    [await orders.get(`/orders/${orderId}`), 'get', '/orders/{orderId}'],
    [await orders.get(`/orders/${other}`), 'get', '/orders/{orderId}'],
    [await orders.get('/orders/nope'), 'get', '/orders/{orderId}'],
    [await orders.post(`/orders/${orderId}/cancel`), 'post', '/orders/{orderId}/cancel'],
    [await orders.get(`/orders/${orderId}`), 'get', '/orders/{orderId}'],
    [await orders.post(`/orders/${other}/cancel`), 'post', '/orders/{orderId}/cancel'],
    [await orders.post('/returns', anOrder), 'post', '/returns'],
    [await orders.get('/healthz'), 'get', '/healthz'],
    [await orders.get('/healthz/pipeline'), 'get', '/healthz/pipeline'],
    [await orders.get('/readyz'), 'get', '/readyz'],
    [await orders.get('/metrics'), 'get', '/metrics'],
    [await orders.get('/openapi.json'), 'get', '/openapi.json'],
  ];
  for (const [answer, method, path] of answers) expectDocumented(answer, method, path);
  const asked = new Set(answers.map(([, method, path]) => `${method} ${path}`));
  expect(asked.size).toBe(11);
});

test('the document refuses what the service refuses', () => {
  const schema = document.paths['/orders']?.['post']?.requestBody?.content['application/json']?.schema ?? {};
  const validate = validatorOf(schema);
  const verdicts = [anOrder, { ...anOrder, x: 1 }, { ...anOrder, lines: [] }, { ...anOrder, country: 'a\0' }];
  expect(verdicts.map((body) => validate(body))).toEqual([true, false, false, false]);
});
