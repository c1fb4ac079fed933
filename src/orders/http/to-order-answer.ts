import type { z } from 'zod';
import type { Order } from '../order.ts';
import type { orderAnswer } from './order-schemas.ts';

export function toOrderAnswer(order: Order): z.input<typeof orderAnswer> {
  return {
    orderId: order.orderId,
    customerId: order.customerId,
    status: order.status,
    country: order.country,
    currency: order.currency,
    lines: [...order.lines],
    totalMinor: order.totalMinor,
    reference: order.reference,
    placedAt: order.placedAt.toISOString(),
    settledAt: order.settledAt?.toISOString() ?? null,
    rejection: order.rejection === null ? null : [...order.rejection],
    cancelledAt: order.cancelledAt?.toISOString() ?? null,
    cancelReason: order.cancelReason,
  };
}
