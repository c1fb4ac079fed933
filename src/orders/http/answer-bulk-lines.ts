import { isUtf8 } from 'node:buffer';
import { describeJsonError } from '../../platform/http/describe-json-error.ts';
import { parseRequest } from '../../platform/http/parse-request.ts';
import { HttpProblem, invalidRequest, notUtf8, type Problem } from '../../platform/http/problem.ts';
import type { StreamContext } from '../../platform/http/route.ts';
import { toProblem } from '../../platform/http/to-problem.ts';
import type { OrdersContext } from '../orders-context.ts';
import { type PlaceOrder, type PlaceOutcome, placeOrders } from '../place-orders.ts';
import { idempotencyKeyOf, keyReused } from './idempotent-request.ts';
import { bulkLine, type IdempotencyHeaders } from './order-schemas.ts';
import { orderOf, placeOrderOperation } from './place-order-route.ts';
import type { StreamLine } from './read-lines.ts';

export const longestLineBytes = 64 * 1024;

export interface BulkRequest {
  readonly headers: Pick<IdempotencyHeaders, 'x-client-id'>;
  readonly traceparent: string;
  readonly log: StreamContext['log'];
}

/** One transaction for all good lines of the batch. Gives the answers as NDJSON. */
export async function answerBulkLines(
  context: OrdersContext,
  lines: readonly StreamLine[],
  request: BulkRequest,
): Promise<string> {
  const parsed = lines.map((line) => parseLine(line, request));
  const good = parsed.filter((entry): entry is PlaceOrder => !(entry instanceof HttpProblem));
  let outcomes: readonly (PlaceOutcome | HttpProblem)[];
  try {
    outcomes = good.length === 0 ? [] : await placeOrders(context, good);
  } catch (error) {
    const problem = toProblem(error);
    request.log.error({ err: error, orders: good.length }, 'bulk batch failed');
    outcomes = good.map(() => problem);
  }
  let placed = 0;
  return lines
    .map(({ number }, i) => {
      const entry = parsed[i];
      return answerLine(toAnswer(number, entry instanceof HttpProblem ? entry : outcomes[placed++]));
    })
    .join('');
}

function parseLine({ bytes }: StreamLine, { headers, traceparent }: BulkRequest): PlaceOrder | HttpProblem {
  if (bytes === undefined) {
    return new HttpProblem(413, 'too-large', {
      title: 'The line is too long',
      detail: `A line may have at most ${longestLineBytes} bytes; larger orders go to POST /orders.`,
    });
  }
  try {
    if (!isUtf8(bytes)) throw invalidRequest([notUtf8]);
    const { idempotencyKey: key, ...body } = parseRequest(bulkLine, parseJson(bytes.toString('utf8')));
    const idempotencyKey = idempotencyKeyOf(
      { ...headers, 'idempotency-key': key },
      placeOrderOperation,
      body,
    );
    return { order: orderOf(body), idempotencyKey, traceparent };
  } catch (error) {
    return toProblem(error);
  }
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (error) {
    throw invalidRequest([{ field: '', reason: describeJsonError((error as Error).message, text) }]);
  }
}

type BulkAnswer =
  | { readonly line: number; readonly orderId: string; readonly status: 'PLACED'; readonly replayed?: true }
  | { readonly line: number; readonly problem: Problem };

function toAnswer(line: number, outcome: PlaceOutcome | HttpProblem | undefined): BulkAnswer {
  if (outcome instanceof HttpProblem) return { line, problem: outcome.problem };
  if (outcome === undefined || outcome.kind === 'key-reused') return { line, problem: keyReused().problem };
  const { orderId } = JSON.parse(outcome.text) as { orderId: string };
  return { line, orderId, status: 'PLACED', ...(outcome.kind === 'replay' ? { replayed: true } : {}) };
}

export const answerLine = (answer: BulkAnswer): string => `${JSON.stringify(answer)}\n`;
