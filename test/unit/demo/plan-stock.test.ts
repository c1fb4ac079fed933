import type { Invoice } from '../../../scripts/demo/invoices.ts';
import { planStock } from '../../../scripts/demo/plan-stock.ts';

const invoice = (kind: Invoice['kind'], lines: Record<string, number>): Invoice => ({
  invoiceNo: 'any',
  kind,
  customerId: null,
  country: 'France',
  at: new Date(0),
  lines: Object.entries(lines).map(([sku, quantity]) => ({ sku, quantity, unitPriceMinor: 100 })),
  refusals: [],
});

describe('planStock', () => {
  test('puts in what will be ordered, and of every tenth product nine tenths of it', () => {
    const skus = Array.from({ length: 20 }, (_, index) => `sku${index}`);
    const plan = planStock([invoice('order', Object.fromEntries(skus.map((sku) => [sku, 15])))]);
    expect([...plan.values()].filter((pieces) => pieces === 15)).toHaveLength(18);
    expect([plan.get('sku9'), plan.get('sku19')]).toEqual([13, 13]);
  });

  test('adds up orders and leaves returns out', () => {
    const plan = planStock([
      invoice('order', { sku1: 2 }),
      invoice('order', { sku1: 3 }),
      invoice('return', { sku1: 9 }),
    ]);
    expect(plan.get('sku1')).toBe(5);
  });

  test('starts a product that only comes back at nothing', () => {
    expect(planStock([invoice('return', { back: 4 })]).get('back')).toBe(0);
  });
});
