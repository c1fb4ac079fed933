import type { RebuildState } from './rebuild-rows.ts';

/** Where the state that is not live is: being built beside it or, after a swap, kept from before it. */
export const otherSchema = (live: string, state: RebuildState): string =>
  state === 'building' ? `${live}_rebuild` : `${live}_before`;
