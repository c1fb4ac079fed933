import { z } from 'zod';
import { plainText } from '../../platform/http/plain-text.ts';

export const sku = plainText(1, 64).meta({ description: 'Stock keeping unit' });

const onHand = z
  .int()
  .min(0)
  .max(1_000_000_000)
  .meta({ description: 'Pieces on the shelf, those reserved for orders included' });

const reason = plainText(1, 200).optional().meta({ description: 'Why it was set, for the record' });

export const skuParams = z.strictObject({ sku });

export const putStockBody = z.strictObject({ onHand, reason });

/** The most skus of one PUT /stock: one transaction that holds this many rows is still a short one. */
export const mostCounts = 1000;

export const putStockBulkBody = z
  .array(z.strictObject({ sku, onHand, reason }))
  .min(1)
  .max(mostCounts)
  .check((context) => {
    const seen = new Set<string>();
    context.value.forEach((count, i) => {
      if (seen.has(count.sku)) {
        const message = `${count.sku} stands in the list twice`;
        context.issues.push({ code: 'custom', input: context.value, path: [i, 'sku'], message });
      }
      seen.add(count.sku);
    });
  });

export const stockPageQuery = z.strictObject({
  limit: z.coerce.number().int().min(1).max(1000).default(100),
  after: plainText(0, 64)
    .default('')
    .meta({ description: 'The sku the page begins after: the last answer’s `next`' }),
});

export const stockView = z.strictObject({
  sku: z.string(),
  onHand: z.int(),
  reserved: z.int(),
  available: z.int().meta({ description: 'onHand - reserved: what the next order can have' }),
});

export const stockPage = z.strictObject({
  items: z.array(stockView),
  next: z.string().nullable().meta({ description: 'Give it as `after` for the next page; null on the last' }),
});

export const bulkResult = z.strictObject({
  changed: z
    .int()
    .meta({ description: 'Skus entered or set to another number; each is one StockAdjusted event' }),
  unchanged: z.int(),
});
