import { placeOfRecord, type KnownRecords } from '../../operate/trace/find-records.ts';
import type { RecordPlace } from '../../operate/trace/trace-facts.ts';
import type { TopicRecord } from '../../platform/kafka/follow-topics.ts';

/** So many events are some minutes of a busy shop. */
const AT_MOST = 20_000;

/** Where the newest events are in their topics, so that a story of one of them need not read a topic. The oldest are forgotten. */
export class RecentRecords implements KnownRecords {
  readonly #places = new Map<string, RecordPlace>();

  readonly #atMost: number;

  /** @param atMost how many are kept */
  constructor(atMost = AT_MOST) {
    this.#atMost = atMost;
  }

  add(record: Pick<TopicRecord, 'headers' | 'partition' | 'offset' | 'timestamp'>): void {
    const id = record.headers['id'];
    if (id !== undefined) this.set(id, placeOfRecord(record));
  }

  get(eventId: string): RecordPlace | undefined {
    return this.#places.get(eventId);
  }

  /** What is said again keeps the place where it was said first. */
  set(eventId: string, place: RecordPlace): void {
    if (this.#places.has(eventId)) return;
    this.#places.set(eventId, place);
    const oldest = this.#places.keys().next().value;
    if (this.#places.size > this.#atMost && oldest !== undefined) this.#places.delete(oldest);
  }
}
