import Table from 'cli-table3';

type Counts = Readonly<Record<string, number>>;

/** What a run did and what the databases say about it. Counts of orders unless said otherwise. */
export interface Summary {
  /** Orders asked for over HTTP; = accepted + refusedByService. */
  readonly sent: number;
  /** Answered 201. */
  readonly accepted: number;
  /** Answered 4xx. */
  readonly refusedByService: number;
  readonly refusedByServiceReasons: Counts;
  readonly confirmed: number;
  readonly rejected: number;
  /** Returns answered 201. */
  readonly returned: number;
  /** Returns answered 4xx. */
  readonly returnsRefusedByService: number;
  /** Rows of the file looked at, and those that could not be part of an order or a return. */
  readonly rows: number;
  readonly refused: number;
  readonly refusedByReason: Counts;
  /** Invoices without a row left to send. */
  readonly refusedInvoices: number;
  readonly refusedInvoicesByReason: Counts;
  /** Requests sent again because there was no answer or a 5xx. */
  readonly retries: number;
  /** Outbox rows of this run, each of which must come out of Kafka at every consumer that wants it. */
  readonly events: number;
  /** Records that came out of Kafka beyond that: delivered again after a part was killed, recognised, not applied again. */
  readonly redelivered: number;
  /** Of these, and of the accepted orders and returns: what did not arrive where it should. */
  readonly lost: number;
  readonly appliedTwice: number;
  readonly stockConserved: boolean;
  /** What the checks found, in words; empty when all is well. */
  readonly findings: readonly string[];
  /** From the request's first byte to the commit that reserved the stock, confirmed orders only; null: there was none. */
  readonly p50Ms: number | null;
  readonly p99Ms: number | null;
  /** Orders accepted, from the first request to the last order settled. */
  readonly ordersPerSecond: number;
  readonly seconds: number;
  /** Parts and services that ended by themselves and were started again. */
  readonly restarts: number;
}

/** The demo's promise. */
export function isSound({
  lost,
  appliedTwice,
  stockConserved,
  confirmed,
  rejected,
  accepted,
}: Summary): boolean {
  return lost === 0 && appliedTwice === 0 && stockConserved && confirmed + rejected === accepted;
}

/** The summary for a person. */
export function renderSummary(summary: Summary): string {
  const table = new Table({
    chars: noLines,
    style: { 'padding-left': 0, 'padding-right': 2, head: [], border: [] },
  });
  for (const [name, value, meaning] of rowsOf(summary))
    table.push([`  ${name}`, { content: value, hAlign: 'right' }, meaning]);
  const findings = summary.findings.map((finding) => `  ✗ ${finding}`);
  const verdict = isSound(summary)
    ? '✓ Nothing was lost, nothing was applied twice, and the stock adds up.'
    : '✗ The run is not sound.';
  return [table.toString().replace(/ +$/gm, ''), '', ...findings, verdict].join('\n');
}

function rowsOf(summary: Summary): (readonly [string, string, string])[] {
  const { refusedByReason, refusedInvoicesByReason, refusedByServiceReasons } = summary;
  return [
    [
      'rows refused',
      count(summary.refused),
      `of ${count(summary.rows)} in the file: ${inWords(refusedByReason)}`,
    ],
    [
      'invoices refused',
      count(summary.refusedInvoices),
      `no row left to send: ${inWords(refusedInvoicesByReason)}`,
    ],
    [
      'orders sent',
      count(summary.sent),
      summary.retries === 0 ? '' : `${count(summary.retries)} requests were sent again`,
    ],
    ['  accepted', count(summary.accepted), ''],
    ['  refused by service', count(summary.refusedByService), inWords(refusedByServiceReasons)],
    ['orders confirmed', count(summary.confirmed), 'all lines reserved'],
    ['orders rejected', count(summary.rejected), 'a line was out of stock: nothing reserved'],
    ['returns', count(summary.returned), 'back on the shelf'],
    ['events', count(summary.events), `from the outboxes through Kafka${redelivered(summary)}`],
    ['lost', count(summary.lost), ''],
    ['applied twice', count(summary.appliedTwice), ''],
    [
      'stock conserved',
      summary.stockConserved ? 'yes' : 'NO',
      'on hand = put in + returned; never less than reserved',
    ],
    ['request to stock', `${ms(summary.p50Ms)} ms`, `p50; p99 ${ms(summary.p99Ms)} ms`],
    ['orders per second', summary.ordersPerSecond.toFixed(0), `in ${summary.seconds.toFixed(1)} s`],
    ...(summary.restarts === 0
      ? []
      : [['restarts', count(summary.restarts), 'of parts and services'] as const]),
  ];
}

function redelivered({ redelivered: records }: Summary): string {
  return records === 0 ? '' : `; ${count(records)} came again and were recognised`;
}

function inWords(counts: Counts): string {
  const words = Object.entries(counts).map(([reason, times]) => `${count(times)} ${reason}`);
  return words.join(', ');
}

function count(value: number): string {
  return value.toLocaleString('en');
}

function ms(value: number | null): string {
  return value === null ? '-' : value.toFixed(value < 10 ? 1 : 0);
}

const noLines = Object.fromEntries(
  [
    'top',
    'top-mid',
    'top-left',
    'top-right',
    'bottom',
    'bottom-mid',
    'bottom-left',
    'bottom-right',
    'left',
    'left-mid',
    'mid',
  ]
    .concat(['mid-mid', 'right', 'right-mid', 'middle'])
    .map((part) => [part, '']),
);
