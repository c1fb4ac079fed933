import type { z } from 'zod';
import { HttpProblem, notFound } from '../../platform/http/problem.ts';
import { defineRoute, type Route } from '../../platform/http/route.ts';
import { type AdjustStock, adjustStock, StockBelowReserved } from '../adjust-stock.ts';
import { selectStock, selectStockPage, type StockRow } from '../sql/select-stock.ts';
import {
  bulkResult,
  mostCounts,
  putStockBody,
  putStockBulkBody,
  skuParams,
  stockPage,
  stockPageQuery,
  stockView,
} from './stock-schemas.ts';

/** Reading the stock and setting it by hand. Needs only Postgres. */
export function stockRoutes(service: AdjustStock): Route[] {
  return [getStock(service), listStock(service), putStock(service), putStockBulk(service)];
}

function getStock({ pool }: AdjustStock): Route {
  return defineRoute({
    method: 'get',
    path: '/stock/:sku',
    operationId: 'getStock',
    summary: 'The stock of one sku',
    params: skuParams,
    responses: {
      200: { description: 'The stock now', schema: stockView },
      404: { description: 'The sku was never entered' },
    },
    handle: async ({ params: { sku } }) => {
      const row = await selectStock(pool, sku);
      if (row === undefined) throw notFound(`There is no stock of ${sku}; PUT /stock/:sku enters it.`);
      return { status: 200, body: viewOf(row) };
    },
  });
}

function listStock({ pool }: AdjustStock): Route {
  return defineRoute({
    method: 'get',
    path: '/stock',
    operationId: 'listStock',
    summary: 'The stock of all skus, page by page, in the order of their bytes',
    query: stockPageQuery,
    responses: { 200: { description: 'One page', schema: stockPage } },
    handle: async ({ query: { limit, after } }) => {
      // One more than asked for tells whether there is a next page.
      const rows = await selectStockPage(pool, { after, limit: limit + 1 });
      const items = rows.slice(0, limit).map(viewOf);
      return { status: 200, body: { items, next: rows.length > limit ? items.at(-1)?.sku : null } };
    },
  });
}

function putStock(service: AdjustStock): Route {
  return defineRoute({
    method: 'put',
    path: '/stock/:sku',
    operationId: 'putStock',
    summary: 'Set the pieces on hand of one sku',
    description: 'Says StockAdjusted when it changes something. Safe to repeat.',
    params: skuParams,
    body: putStockBody,
    responses: {
      200: { description: 'The stock now', schema: stockView },
      409: { description: 'Less than what is reserved for orders; `shortfalls` names the number' },
    },
    handle: async ({ params: { sku }, body, traceparent }) => {
      const { levels } = await adjust(service, [{ sku, ...body }], traceparent);
      return {
        status: 200,
        body: viewOf({ sku, ...(levels.get(sku) ?? { onHand: body.onHand, reserved: 0 }) }),
      };
    },
  });
}

function putStockBulk(service: AdjustStock): Route {
  return defineRoute({
    method: 'put',
    path: '/stock',
    operationId: 'putStockBulk',
    summary: `Set the pieces on hand of up to ${mostCounts} skus, all or none`,
    description:
      'One transaction, for seeding and stocktaking. Says one StockAdjusted a changed sku. Safe to repeat.',
    body: putStockBulkBody,
    bodyLimitBytes: 512 * 1024,
    responses: {
      200: { description: 'All are set', schema: bulkResult },
      409: { description: 'Some are less than what is reserved (`shortfalls`); nothing was set' },
    },
    handle: async ({ body, traceparent }) => {
      const { changed } = await adjust(service, body, traceparent);
      return { status: 200, body: { changed, unchanged: body.length - changed } };
    },
  });
}

async function adjust(...parameters: Parameters<typeof adjustStock>): ReturnType<typeof adjustStock> {
  try {
    return await adjustStock(...parameters);
  } catch (error) {
    if (!(error instanceof StockBelowReserved)) throw error;
    throw new HttpProblem(409, 'stock-below-reserved', {
      title: 'Less than what is reserved',
      detail: error.message,
      extensions: { shortfalls: error.shortfalls },
      cause: error,
    });
  }
}

const viewOf = ({ sku, onHand, reserved }: StockRow): z.infer<typeof stockView> => ({
  sku,
  onHand,
  reserved,
  available: onHand - reserved,
});
