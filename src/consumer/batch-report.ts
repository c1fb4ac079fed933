import type { TakenEvents } from './taken-events.ts';

/** What one committed transaction did. */
export interface BatchReport {
  readonly consumer: string;
  /** The topic's name in the catalogue. */
  readonly topic: string;
  readonly partition: number;
  /** The position before, and after. */
  readonly from: number;
  readonly to: number;
  /** One past the newest record of the partition when this batch was fetched. */
  readonly highWatermark: number;
  readonly applied: number;
  readonly ignored: number;
  readonly duplicates: number;
  readonly beforeBase: number;
  /** Passed over because this build does not know their type, by the consumer's choice. */
  readonly unknownTypes: number;
  /** Set aside behind held keys. */
  readonly queued: number;
  /** Keys that began to be held: because an event fails for good, or because one is missing. */
  readonly parkedKeys: number;
  readonly waitingKeys: number;
  /** How many events ended with each word that `apply` returned. */
  readonly outcomes: Readonly<Record<string, number>>;
  /** When the oldest applied event occurred; null when none was applied. */
  readonly oldestOccurredAt: Date | null;
  /** All of its events, by type and outcome. */
  readonly taken: TakenEvents;
  /** By the consumer's clock. */
  readonly committedAt: Date;
  /** From the begin of the transaction until it was committed. */
  readonly durationMs: number;
  /** Tries, from 1; more than 1 means that transient errors were in the way. */
  readonly attempts: number;
}
