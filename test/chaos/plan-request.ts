import { hotCustomer, loadStock } from '../support/shop-load.ts';

/** What one customer wants, decided before anything is sent. */
export interface PlannedRequest {
  /** The client's own name of it, the same in each try. */
  readonly reference: string;
  readonly path: '/orders' | '/returns';
  readonly body: unknown;
  /** The order is cancelled as soon as it is acknowledged. */
  readonly cancel: boolean;
  /** Sent again after its answer, as by a client that did not see it. */
  readonly again: boolean;
}

/** A third of it on one customer and one sku, so that transactions meet; every eighth is a guest, every twelfth a return. */
export function planRequest(reference: string, random: () => number): PlannedRequest {
  const below = (limit: number): number => Math.floor(random() * limit);
  const skus = Object.keys(loadStock);
  const customerId = random() < 0.3 ? hotCustomer : `customer-${below(40)}`;
  const isGuest = random() < 0.125;
  const isReturn = random() < 0.08;
  const [first, second] = [random() < 0.3 ? 0 : below(skus.length), below(skus.length)];
  const lines = [...new Set([first, second])].map((index) => ({
    sku: skus[index],
    quantity: 1 + below(5),
    unitPriceMinor: 100 + below(900),
  }));
  const country = random() < 0.5 ? 'France' : 'Portugal';
  const content = { ...(isGuest ? {} : { customerId }), country, lines };
  return {
    reference,
    path: isReturn ? '/returns' : '/orders',
    body: isReturn ? content : { ...content, reference },
    cancel: random() < 0.15,
    again: random() < 0.2,
  };
}
