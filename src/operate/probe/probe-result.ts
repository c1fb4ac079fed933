/** The way of a probe, in order: committed in Postgres, read from the log by Debezium, appended in Kafka, read by us. */
export type Hop = 'commit' | 'wal' | 'kafka' | 'arrival';

export interface ProbeResult {
  readonly connector: string;
  readonly sentAt: Date;
  /** False when it did not come within the time given. */
  readonly arrived: boolean;
  /** Milliseconds from one hop to the next; a hop that was not reached is left out. Clocks of several machines: never below 0. */
  readonly hops: Readonly<Partial<Record<Hop, number>>>;
  /** From before the insert to the arrival, or until we gave up. */
  readonly ageMs: number;
  /** The hop that took longest, or the one that it is stuck before. */
  readonly slowHop: Hop;
  /** Where it is stuck and what to look at, in one sentence; undefined when it arrived. */
  readonly reason: string | undefined;
}
