import type { Line, Shortage } from '../contracts/generated/orders-events.ts';
import type { OrderStatus } from './order-status.ts';

/** An order as it is kept. Amounts in minor units of its currency. */
export interface Order {
  readonly orderId: string;
  /** null for a guest. */
  readonly customerId: string | null;
  readonly status: OrderStatus;
  readonly country: string;
  readonly currency: string;
  readonly lines: readonly Line[];
  readonly totalMinor: number;
  /** The customer's own word for it, such as an invoice number. */
  readonly reference: string | null;
  readonly placedAt: Date;
  /** When it left PLACED. */
  readonly settledAt: Date | null;
  /** Why the inventory refused it, by sku; null unless REJECTED. */
  readonly rejection: readonly Shortage[] | null;
  readonly cancelledAt: Date | null;
  readonly cancelReason: string | null;
}

export type PlacedOrder = Pick<
  Order,
  'orderId' | 'customerId' | 'country' | 'currency' | 'lines' | 'totalMinor' | 'reference' | 'placedAt'
>;

export interface Return {
  readonly returnId: string;
  readonly orderId: string | null;
  readonly customerId: string | null;
  readonly country: string;
  readonly currency: string;
  readonly lines: readonly Line[];
  readonly totalMinor: number;
  readonly returnedAt: Date;
}

/** Sum of quantity times unit price, in minor units; may be beyond what a number holds exactly. */
export function totalOf(lines: readonly Pick<Line, 'quantity' | 'unitPriceMinor'>[]): number {
  return lines.reduce((total, line) => total + line.quantity * line.unitPriceMinor, 0);
}
