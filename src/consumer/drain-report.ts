import type { TakenEvents } from './taken-events.ts';

/** What one committed transaction did with the queue of a held key. */
export interface DrainReport {
  readonly consumer: string;
  /** The topic's name in the catalogue. */
  readonly topic: string;
  readonly key: string;
  readonly applied: number;
  /** How many events ended with each word, the runtime's own (`ignored`, `discarded` ...) included. */
  readonly outcomes: Readonly<Record<string, number>>;
  /** The events that left the queue, by type and outcome. */
  readonly taken: TakenEvents;
  /** When the oldest applied event occurred; null when none was applied. */
  readonly oldestOccurredAt: Date | null;
  /** released: nobody holds the key any more. more: the queue goes on, in the next transaction. */
  readonly end: 'released' | 'parked' | 'waiting' | 'more';
  /** By the consumer's clock. */
  readonly committedAt: Date;
}
