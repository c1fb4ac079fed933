import type { KeyUnderDrain } from './key-under-drain.ts';

/** Why what was asked for does not fit the state of the key. */
export function refusalOf({ state, request }: Pick<KeyUnderDrain, 'state' | 'request'>): string | undefined {
  if (request === null) return undefined;
  if (state === 'waiting' && (request.kind === 'discard' || request.kind === 'discard_all'))
    return 'Nothing was discarded: the key waits for a missing event, none of it fails. To go on without the missing one, skip it.';
  if (state === 'parked' && request.kind === 'skip')
    return 'Nothing was skipped: no event is missing, one fails. To go on without it, discard it.';
  return undefined;
}
