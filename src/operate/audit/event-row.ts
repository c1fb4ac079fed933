import { timeOfEventId } from '../../consumer/event-horizon.ts';

/** What an audit needs of a row of the outbox. */
export interface EventRow {
  /** Ordered by the time at which the row was written. */
  readonly rowId: string;
  /** The same in each row that says the same event. */
  readonly eventId: string;
  readonly topic: string;
  readonly key: string;
  readonly keySeq: number;
  readonly type: string;
}

/** When the row was written, by the clock of its database. */
export const writtenAt = ({ rowId }: EventRow): Date => new Date(timeOfEventId(rowId));

/** The id just before this one, of a row or not: lower-case UUID text sorts as the UUID does. */
export function idBefore(id: string): string {
  const before = BigInt(`0x${id.replaceAll('-', '')}`) - 1n;
  const hex = before.toString(16).padStart(32, '0');
  return [hex.slice(0, 8), hex.slice(8, 12), hex.slice(12, 16), hex.slice(16, 20), hex.slice(20)].join('-');
}

/** Before every id. */
export const FIRST_ID = '00000000-0000-0000-0000-000000000000';
