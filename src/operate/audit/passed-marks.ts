/** Where each partition of a topic ends, or a consumer stands: the offset that comes next. */
export type Offsets = ReadonlyMap<number, number>;

/**
 * A moment of one outbox. All rows before `before` were committed before `lsn` in the log. Once the slot has confirmed `lsn`, their
 * records are in Kafka (Debezium confirms what the brokers have acknowledged), so they stand before the ends that are read then.
 */
export interface Mark {
  readonly before: string;
  readonly lsn: bigint;
  /** By topic; undefined until the slot has passed it and the topics could be asked. */
  readonly ends: ReadonlyMap<string, Offsets> | undefined;
}

/** So many moments are remembered, for a consumer that is always that far behind: a mark a minute makes half a day. */
const REMEMBERED = 720;

export function withMark(marks: readonly Mark[], mark: Mark): Mark[] {
  return [...marks, mark].slice(-REMEMBERED);
}

/** The newest moment whose rows the slot has passed. */
export function passedBySlot(marks: readonly Mark[], confirmed: bigint | undefined): Mark | undefined {
  return marks.findLast(({ lsn }) => confirmed !== undefined && lsn <= confirmed);
}

/**
 * The newest moment whose rows a consumer of the topic has passed, wherever they were in it: where a row's record is needs not be
 * known. A partition without a position was never begun.
 */
export function passedByConsumer(
  marks: readonly Mark[],
  topic: string,
  positions: Offsets,
): Mark | undefined {
  return marks.findLast(({ ends }) => {
    const ofTopic = ends?.get(topic);
    return (
      ofTopic !== undefined &&
      [...ofTopic].every(([partition, end]) => (positions.get(partition) ?? 0) >= end)
    );
  });
}

/** False when a position stands behind the end of its log: the topic was made anew, and the position says nothing of it. */
export function fitsLog(positions: Offsets, ends: Offsets): boolean {
  return [...positions].every(([partition, next]) => next <= (ends.get(partition) ?? 0));
}
