import { InvalidArgumentError } from 'commander';

/** A load of which one thing differs from what the other measurements send. */
export interface LoadShape {
  readonly name: string;
  /** For the report, after the name. */
  readonly describes: string;
  readonly lines: number;
  /** Length of each sku's name; 0 for the short ones. */
  readonly skuCharacters: number;
  readonly customers: number;
  /** Whether a transaction with a snapshot and an id of its own stands open in the orders database all the while. */
  readonly holdsSnapshot: boolean;
  /** Orders that come at one moment, on top of the rate. */
  readonly burst: number;
}

/** The longest that POST /orders takes: 174 bytes in UTF-8, so that a payload grows by its skus rather than by its lines. */
const LONGEST_SKU = 64;

const usual = { lines: 2, skuCharacters: 0, customers: 30_000, holdsSnapshot: false, burst: 0 };

export const loadShapes: readonly LoadShape[] = [
  { ...usual, name: 'usual', describes: 'two lines, 30,000 customers, as all other measurements here' },
  {
    ...usual,
    name: 'lines-1',
    describes: 'one line; it is the payload of about 100 bytes as well',
    lines: 1,
  },
  { ...usual, name: 'lines-10', describes: 'ten lines', lines: 10 },
  { ...usual, name: 'lines-100', describes: 'a hundred lines', lines: 100 },
  {
    ...usual,
    name: 'payload-1k',
    describes: 'about 1 kB: 5 lines of skus as long as they may be, of text that Postgres can’t compress',
    lines: 5,
    skuCharacters: LONGEST_SKU,
  },
  {
    ...usual,
    name: 'payload-10k',
    describes: 'about 10 kB: 55 such lines',
    lines: 55,
    skuCharacters: LONGEST_SKU,
  },
  {
    ...usual,
    name: 'payload-100k',
    describes: 'about 100 kB: 558 such lines',
    lines: 558,
    skuCharacters: LONGEST_SKU,
  },
  {
    ...usual,
    name: 'one-customer',
    describes: 'one customer orders everything: one key, one partition',
    customers: 1,
  },
  {
    ...usual,
    name: 'held-snapshot',
    describes: 'an idle transaction with a snapshot and an id in the orders database all the while',
    holdsSnapshot: true,
  },
  {
    ...usual,
    name: 'burst',
    describes: '2,000 orders more at one moment in the middle; percentiles of all orders',
    burst: 2_000,
  },
];

/** Names of shapes as one option. */
export function shapeList(text: string): string[] {
  const names = loadShapes.map(({ name }) => name);
  const given = text.split(',');
  const unknown = given.find((name) => !names.includes(name));
  if (unknown !== undefined)
    throw new InvalidArgumentError(`There is no variant ${unknown}. There are: ${names.join(', ')}.`);
  return given;
}
