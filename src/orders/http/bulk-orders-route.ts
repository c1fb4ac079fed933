import { once } from 'node:events';
import type { Request, Response } from 'express';
import { z } from 'zod';
import { problemSchema } from '../../platform/http/open-api.ts';
import { parseRequest } from '../../platform/http/parse-request.ts';
import { unavailable } from '../../platform/http/problem.ts';
import type { Route, StreamContext } from '../../platform/http/route.ts';
import type { OrdersContext } from '../orders-context.ts';
import { answerBulkLines, answerLine, longestLineBytes } from './answer-bulk-lines.ts';
import { type BatchLimits, inBatches } from './in-batches.ts';
import { bulkLine, idempotencyHeaders } from './order-schemas.ts';
import { readLines, type StreamLine } from './read-lines.ts';

const batchLimits: BatchLimits = { items: 500, waitMs: 50 };
const idleMs = 60_000;
const contentType = 'application/x-ndjson';

const bulkAnswer = z.union([
  z.strictObject({
    line: z.int(),
    orderId: z.uuid(),
    status: z.literal('PLACED'),
    replayed: z.boolean().optional(),
  }),
  z.strictObject({ line: z.int(), problem: problemSchema }),
]);

/** POST /orders/bulk */
export function bulkOrdersRoute(context: OrdersContext): Route {
  return {
    method: 'post',
    path: '/orders/bulk',
    operationId: 'placeOrdersInBulk',
    summary: 'Place many orders, one JSON object a line; answers come line by line in the same order',
    description:
      'Streamed both ways. A line of more than 64 kB, or one that is wrong, is answered with a problem and the others go on. ' +
      'Each answered order is committed. Give every line an idempotencyKey to be able to send the file again.',
    headers: idempotencyHeaders.pick({ 'x-client-id': true }),
    streamBody: bulkLine,
    responses: { 200: { description: 'One answer a line', schema: bulkAnswer, contentType } },
    stream: {
      requestContentType: contentType,
      handle: (request, response, stream) => streamOrders(context, request, response, stream),
    },
  };
}

async function streamOrders(
  context: OrdersContext,
  request: Request,
  response: Response,
  { log, signal, traceparent }: StreamContext,
): Promise<void> {
  const headers = parseRequest(idempotencyHeaders.omit({ 'idempotency-key': true }), request.headers);
  // A client that neither sends nor reads for so long is gone; cutting it ends the loop below.
  request.setTimeout(idleMs, () => request.destroy());
  response.status(200).type(contentType);
  response.flushHeaders();
  // Destroying the request when the loop is left would cut off answers still on their way.
  const source = request.iterator({ destroyOnReturn: false }) as AsyncIterable<Buffer>;
  try {
    for await (const lines of inBatches(readLines(source, longestLineBytes), batchLimits)) {
      const answers = await answerBulkLines(context, lines.filter(isNotBlank), { headers, traceparent, log });
      // Written only after the commit: what the client has read is placed, whatever happens next.
      if (response.destroyed) return;
      if (answers !== '' && !response.write(answers))
        await Promise.race([once(response, 'drain'), once(response, 'close')]);
      if (signal.aborted) {
        endEarly(response, lines.at(-1)?.number ?? 0);
        return;
      }
    }
    response.end();
  } catch (error) {
    if (!request.destroyed || request.complete) throw error;
    // The client left in the middle of its upload: nobody to tell.
    log.debug('bulk client gone');
  }
}

function endEarly(response: Response, lastLine: number): void {
  const { problem } = unavailable('The service is stopping; send the lines from here on again.');
  response.end(answerLine({ line: lastLine + 1, problem }));
}

/** An empty line, as at the end of many files, is no order. */
const isNotBlank = ({ bytes }: StreamLine): boolean =>
  bytes === undefined || bytes.some((byte) => byte > 0x20);
