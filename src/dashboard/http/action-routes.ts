import { z } from 'zod';
import { readTraceId } from '../../operate/trace/read-trace-id.ts';
import { plainText } from '../../platform/http/plain-text.ts';
import { defineRoute, type Route } from '../../platform/http/route.ts';
import type {
  FoundOrders,
  HeldAction,
  OrderStory,
  PlacedOrder,
  PlaceOrder,
  Said,
} from '../dashboard-state.ts';
import type { ConnectorVerb } from '../actions/change-connector.ts';

/** What the page can have done; each throws HttpProblem with a sentence for people. */
export interface Actions {
  placeOrder(order: PlaceOrder): Promise<PlacedOrder>;
  findOrders(id: string, options: { readonly everything: boolean }): Promise<FoundOrders>;
  tellStory(orderId: string): Promise<OrderStory>;
  changeConnector(verb: ConnectorVerb, at: { name: string; task?: number | undefined }): Promise<Said>;
  askHeld(kind: 'redrive' | 'discard', at: HeldAction): Promise<Said>;
}

const text = plainText(1, 2_000);
/** Whatever a record's key may be, so that it can be let go: all that Postgres keeps. */
const heldKey = z
  .string()
  .min(1)
  .max(2_000)
  .regex(/^[^\0\p{Cs}]*$/u, 'must be text without NUL');
/** The order service looks at it closely; here only its shape counts. */
const orderBody = z.strictObject({
  customerId: text,
  country: text,
  lines: z.array(z.strictObject({ sku: text, quantity: z.number(), unitPriceMinor: z.number() })).max(100),
});
const traceId = z.string().transform((given, context) => {
  const read = readTraceId(given);
  if ('id' in read) return read.id;
  context.issues.push({ code: 'custom', input: given, message: read.problem });
  return z.NEVER;
});
const connectorPath = z.strictObject({ name: text });
const connectorBody = z.strictObject({ task: z.int().min(0).optional() });
const heldBody = z.strictObject({ consumer: text, topic: text, key: heldKey, reason: text.optional() });
const discardBody = heldBody.required({ reason: true }).refine(({ reason }) => reason.trim() !== '', {
  path: ['reason'],
  message: 'must say why: it is all that is left of the event',
});

const said = { 200: { description: 'Done; `said` says what came of it' } };

/** Everything that the page asks besides the stream. */
export function actionRoutes(actions: Actions): Route[] {
  return [
    defineRoute({
      method: 'post',
      path: '/api/orders',
      operationId: 'placeOrder',
      summary: 'Place an order',
      body: orderBody,
      responses: { 201: { description: 'The order is placed' } },
      handle: async ({ body }) => ({ status: 201, body: await actions.placeOrder(body) }),
    }),
    defineRoute({
      method: 'get',
      path: '/api/orders',
      operationId: 'findOrders',
      summary: 'Orders that an id means: its own, that of one of its events, or its customer',
      query: z.strictObject({ id: traceId, kept: z.literal('all').optional() }),
      responses: {
        200: {
          description:
            'What was found, newest first; of a customer in the last hour, the last day, or all that is kept',
        },
      },
      handle: async ({ query: { id, kept } }) => ({
        status: 200,
        body: await actions.findOrders(id, { everything: kept === 'all' }),
      }),
    }),
    defineRoute({
      method: 'get',
      path: '/api/orders/:orderId/story',
      operationId: 'tellStory',
      summary: 'The way of one order so far',
      params: z.strictObject({ orderId: traceId }),
      loggedParams: ['orderId'],
      responses: { 200: { description: 'Its story' }, 404: { description: 'There is no such order' } },
      handle: async ({ params }) => ({ status: 200, body: await actions.tellStory(params.orderId) }),
    }),
    ...(['restart', 'pause', 'resume'] as const).map((verb) => connectorRoute(actions, verb)),
    heldRoute(actions, 'redrive', heldBody),
    heldRoute(actions, 'discard', discardBody),
  ];
}

const connectorRoute = (actions: Actions, verb: ConnectorVerb): Route =>
  defineRoute({
    method: 'post',
    path: `/api/connectors/:name/${verb}`,
    operationId: `${verb}Connector`,
    summary: `${verb[0]?.toUpperCase()}${verb.slice(1)} a connector, and wait until it is so`,
    params: connectorPath,
    body: connectorBody,
    responses: said,
    handle: async ({ params, body }) => ({
      status: 200,
      body: await actions.changeConnector(verb, { ...params, ...body }),
    }),
  });

const heldRoute = (
  actions: Actions,
  kind: 'redrive' | 'discard',
  body: typeof heldBody | typeof discardBody,
): Route =>
  defineRoute({
    method: 'post',
    path: `/api/held/${kind}`,
    operationId: `${kind}Key`,
    summary: kind === 'redrive' ? "Run a held key's queue again" : 'Pass over the first event of a held key',
    body,
    responses: said,
    handle: async ({ body: { reason, ...at } }) => ({
      status: 200,
      body: await actions.askHeld(kind, { ...at, ...(reason !== undefined && { reason }) }),
    }),
  });
