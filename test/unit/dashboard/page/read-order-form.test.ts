import { readOrderForm } from '../../../../src/dashboard/page/read-order-form.ts';

test('the form is read as the service takes it, with prices in minor units', () => {
  const form = new FormData();
  form.set('customerId', ' ada ');
  form.set('country', 'France');
  for (const [sku, quantity, price] of [
    ['lamp', '2', '19.95'],
    ['pen', '1', '0.29'],
  ] as const) {
    form.append('sku', sku);
    form.append('quantity', quantity);
    form.append('price', price);
  }
  expect(readOrderForm(form)).toEqual({
    customerId: 'ada',
    country: 'France',
    lines: [
      { sku: 'lamp', quantity: 2, unitPriceMinor: 1995 },
      { sku: 'pen', quantity: 1, unitPriceMinor: 29 },
    ],
  });
});
