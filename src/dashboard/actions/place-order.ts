import { randomUUID } from 'node:crypto';
import { z } from 'zod';
import { HttpProblem, unavailable } from '../../platform/http/problem.ts';
import type { PlacedOrder, PlaceOrder } from '../dashboard-state.ts';

const WITHIN_MS = 10_000;

const placedSchema = z.object({ orderId: z.string() });
const problemSchema = z.object({ title: z.string(), detail: z.string() });

/**
 * Places an order as any customer would, over HTTP.
 * @throws HttpProblem with the service's own words, or 503 when it does not answer: then it may have been placed all the same
 */
export async function placeOrder(ordersUrl: string, order: PlaceOrder): Promise<PlacedOrder> {
  let response: Response;
  try {
    response = await fetch(`${ordersUrl}/orders`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', 'idempotency-key': randomUUID() },
      body: JSON.stringify(order),
      signal: AbortSignal.timeout(WITHIN_MS),
    });
  } catch (error) {
    throw unavailable('The order service does not answer; whether it has the order is not known.', error);
  }
  const answer: unknown = await response.json().catch(() => undefined);
  if (response.ok) return placedSchema.parse(answer);
  const problem = problemSchema.safeParse(answer).data;
  throw new HttpProblem(response.status, 'order-refused', {
    title: problem?.title ?? 'The order was refused',
    detail: problem?.detail ?? `The order service answered with status ${response.status}.`,
  });
}
