import type { TopicRecord } from '../../platform/kafka/follow-topics.ts';
import { WindowSamples } from './window-samples.ts';

/** Medians of the last seconds, in milliseconds; null where nothing went through. */
export interface FlowFigures {
  readonly ordersWalMs: number | null;
  readonly ordersDebeziumMs: number | null;
  readonly inventoryMs: number | null;
  readonly inventoryWalMs: number | null;
  readonly inventoryDebeziumMs: number | null;
  readonly settleMs: number | null;
  /** From a request to the settled order, over the last minute. */
  readonly endToEndP50Ms: number | null;
  readonly endToEndP99Ms: number | null;
}

/** What happened since the last call. */
export interface SettledSince {
  readonly confirmed: number;
  readonly rejected: number;
  readonly p50Ms: number | null;
  readonly p99Ms: number | null;
}

interface OnItsWay {
  readonly placedAt: number;
  readonly placedInTopicAt: number;
  answerInTopicAt: number | undefined;
}

const MINUTE_MS = 60_000;
const RECENT_MS = 15_000;
/** Orders that are never settled must not fill the memory. */
const MOST_ON_THEIR_WAY = 50_000;

/**
 * Times the way of orders by what their events say of themselves: when they were said, read from the log, and written to Kafka. No
 * payload is decoded. The clocks are those of services, worker and producer; what they contradict counts as 0.
 */
export class FlowMeter {
  readonly #onTheirWay = new Map<string, OnItsWay>();
  readonly #samples = {
    ordersWal: new WindowSamples(MINUTE_MS),
    ordersDebezium: new WindowSamples(MINUTE_MS),
    inventory: new WindowSamples(MINUTE_MS),
    inventoryWal: new WindowSamples(MINUTE_MS),
    inventoryDebezium: new WindowSamples(MINUTE_MS),
    settle: new WindowSamples(MINUTE_MS),
    endToEnd: new WindowSamples(MINUTE_MS),
  };
  #confirmed = 0;
  #rejected = 0;
  #sinceLast = new WindowSamples(MINUTE_MS);

  /** @param now milliseconds since 1970, when it was read */
  add(record: TopicRecord, now: number): void {
    const { eventType, aggregateId, occurredAt } = record.headers;
    const saidAt = Date.parse(occurredAt ?? '');
    if (eventType === undefined || aggregateId === undefined || Number.isNaN(saidAt)) return;
    switch (eventType) {
      case 'OrderPlaced':
        this.#placed(aggregateId, saidAt, record, now);
        return;
      case 'StockReserved':
      case 'StockRejected':
        this.#answered(aggregateId, saidAt, record, now);
        return;
      case 'OrderConfirmed':
        this.#confirmed += 1;
        this.#settled(aggregateId, saidAt, now);
        return;
      case 'OrderRejected':
        this.#rejected += 1;
        this.#settled(aggregateId, saidAt, now);
        return;
      case 'OrderCancelled':
        this.#onTheirWay.delete(aggregateId);
    }
  }

  figures(now: number): FlowFigures {
    const median = (samples: WindowSamples): number | null =>
      samples.quantiles(now, [0.5], RECENT_MS)[0] ?? null;
    const [p50 = null, p99 = null] = this.#samples.endToEnd.quantiles(now, [0.5, 0.99]);
    return {
      ordersWalMs: median(this.#samples.ordersWal),
      ordersDebeziumMs: median(this.#samples.ordersDebezium),
      inventoryMs: median(this.#samples.inventory),
      inventoryWalMs: median(this.#samples.inventoryWal),
      inventoryDebeziumMs: median(this.#samples.inventoryDebezium),
      settleMs: median(this.#samples.settle),
      endToEndP50Ms: p50,
      endToEndP99Ms: p99,
    };
  }

  /** For a point of the history; begins the next one. */
  takeSettled(now: number): SettledSince {
    const [p50Ms = null, p99Ms = null] = this.#sinceLast.quantiles(now, [0.5, 0.99]);
    const taken = { confirmed: this.#confirmed, rejected: this.#rejected, p50Ms, p99Ms };
    this.#confirmed = 0;
    this.#rejected = 0;
    this.#sinceLast = new WindowSamples(MINUTE_MS);
    return taken;
  }

  #placed(orderId: string, saidAt: number, record: TopicRecord, now: number): void {
    this.#throughOutbox(this.#samples.ordersWal, this.#samples.ordersDebezium, saidAt, record, now);
    const placed = {
      placedAt: saidAt,
      placedInTopicAt: record.timestamp,
      answerInTopicAt: undefined,
    };
    this.#onTheirWay.set(orderId, placed);
    const [oldest] = this.#onTheirWay.keys();
    if (this.#onTheirWay.size > MOST_ON_THEIR_WAY && oldest !== undefined) this.#onTheirWay.delete(oldest);
  }

  #answered(orderId: string, saidAt: number, record: TopicRecord, now: number): void {
    this.#throughOutbox(this.#samples.inventoryWal, this.#samples.inventoryDebezium, saidAt, record, now);
    const order = this.#onTheirWay.get(orderId);
    if (order === undefined) return;
    order.answerInTopicAt = record.timestamp;
    this.#samples.inventory.add(now, Math.max(0, saidAt - order.placedInTopicAt));
  }

  #settled(orderId: string, saidAt: number, now: number): void {
    const order = this.#onTheirWay.get(orderId);
    if (order === undefined) return;
    this.#onTheirWay.delete(orderId);
    if (order.answerInTopicAt !== undefined)
      this.#samples.settle.add(now, Math.max(0, saidAt - order.answerInTopicAt));
    const wholeMs = Math.max(0, saidAt - order.placedAt);
    this.#samples.endToEnd.add(now, wholeMs);
    this.#sinceLast.add(now, wholeMs);
  }

  #throughOutbox(
    wal: WindowSamples,
    debezium: WindowSamples,
    saidAt: number,
    { headers, timestamp }: TopicRecord,
    now: number,
  ): void {
    const { readAt } = headers;
    if (readAt === undefined || !/^\d+$/.test(readAt)) return;
    wal.add(now, Math.max(0, Number(readAt) - saidAt));
    debezium.add(now, Math.max(0, timestamp - Number(readAt)));
  }
}
