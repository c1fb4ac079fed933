import type { PlaceOrder } from '../dashboard-state.ts';

/** What the form says, as the service takes it: a line each, prices in minor units. */
export function readOrderForm(form: FormData): PlaceOrder {
  const text = (value: unknown): string => (typeof value === 'string' ? value.trim() : '');
  const quantities = form.getAll('quantity');
  const prices = form.getAll('price');
  const lines = form.getAll('sku').map((sku, index) => ({
    sku: text(sku),
    quantity: Number(text(quantities[index])),
    unitPriceMinor: Math.round(Number(text(prices[index])) * 100),
  }));
  return { customerId: text(form.get('customerId')), country: text(form.get('country')), lines };
}
