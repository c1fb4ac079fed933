import { PipelineError } from '../platform/errors.ts';
import { describePlace } from './describe-place.ts';
import type { Envelope } from './read-envelope.ts';

const DAY_MS = 86_400_000;

/**
 * How long a consumer remembers what it has processed. An event can come again as long as its outbox row can be
 * republished and the copy can be read: outbox retention twice (7 d each: design, decision 6), topic retention (7 d) and
 * the time a log segment stays open beyond it (`segment.ms`, 7 d).
 */
export const HORIZON_DAYS = 2 * 7 + 7 + 7;

/** Partitions are kept a day longer than an event may be old, so that clocks a little apart don't matter. */
export const KEEP_DAYS = HORIZON_DAYS + 1;

/** Partitions made ahead: maintenance may fail for a week before anybody's event has nowhere to go. */
export const DAYS_AHEAD = 7;

/** The time in a UUIDv7 (its first 48 bits), epoch milliseconds. */
export function timeOfEventId(eventId: string): number {
  return Number.parseInt(eventId.slice(0, 8) + eventId.slice(9, 13), 16);
}

/** Whether what became of an event with this id can be remembered: there is a day's partition for it. */
export function isWithinHorizon(eventId: string, now: Date): boolean {
  const age = now.getTime() - timeOfEventId(eventId);
  return age <= HORIZON_DAYS * DAY_MS && age >= -(DAYS_AHEAD - 1) * DAY_MS;
}

/**
 * An event that is older than our memory could be a duplicate without our knowing, so it is never applied.
 * @throws PipelineError `event_too_old`, or `event_unreadable` for an id from the future or without a time in it.
 */
export function refuseOutsideHorizon(envelope: Envelope, now: Date): void {
  const age = now.getTime() - timeOfEventId(envelope.eventId);
  if (age > HORIZON_DAYS * DAY_MS)
    throw new PipelineError(
      'event_too_old',
      `${describePlace(envelope)} is ${Math.floor(age / DAY_MS)} days old by its id; ` +
        `what was processed is remembered for ${HORIZON_DAYS} days, so it could be a duplicate.`,
      {
        remedy:
          'Find out who published it; if it must count, apply its effect by hand; then discard it with a reason.',
      },
    );
  if (age < -(DAYS_AHEAD - 1) * DAY_MS)
    throw new PipelineError(
      'event_unreadable',
      `${describePlace(envelope)} has an id that is not from now: ${envelope.eventId} says ${timeText(envelope.eventId)}.`,
      { remedy: 'Event ids must be UUIDv7 from a clock that is right; the outbox makes such ids.' },
    );
}

function timeText(eventId: string): string {
  const time = new Date(timeOfEventId(eventId));
  return Number.isNaN(time.getTime()) ? 'no date' : time.toISOString();
}
