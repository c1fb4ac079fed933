import { randomUUID } from 'node:crypto';

/** Addresses to open and commands that work right now, for someone who has just seen the summary. */
export function whatNext(urls: {
  dashboard: string;
  orders: string;
  inventory: string;
  sales: string;
}): string {
  const { dashboard, orders, inventory, sales } = urls;
  const order = `{"customerId":"me","country":"France","currency":"GBP","lines":[{"sku":"my-sku","quantity":1,"unitPriceMinor":1275}]}`;
  return `
Open
  dashboard  ${dashboard}
  orders     ${orders}/openapi.json      ${orders}/metrics
  inventory  ${inventory}/openapi.json      ${inventory}/metrics
  sales      ${sales}/openapi.json      ${sales}/metrics

Try
  put pieces on the shelf   curl -X PUT ${inventory}/stock/my-sku -H 'content-type: application/json' -d '{"onHand":3}'
  order                     curl ${orders}/orders -H 'content-type: application/json' -H 'idempotency-key: ${randomUUID()}' -d '${order}'
  the same again: the same answer, and still one order
  see your orders           curl '${orders}/orders?customerId=me'
  see what is left          curl ${inventory}/stock/my-sku
  look at what was sold     curl ${sales}/sales
  break something           kill -9 $(cat .stack/run/kafka.pid)      it is started again; order meanwhile
`;
}
