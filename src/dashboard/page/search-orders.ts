import { signal } from '@preact/signals';
import type { FoundOrders } from '../dashboard-state.ts';
import { get, RefusedError } from './ask-server.ts';
import { follow, unfollow } from './follow-order.ts';

/** What was looked for last. */
export interface Search {
  readonly id: string;
  /** Undefined while it is looked for, and when nothing was found. */
  readonly found: FoundOrders | undefined;
  /** Why nothing was found, and what to do. */
  readonly problem: string | null;
  /** It is not known, rather than refused or not to be said now. */
  readonly isUnknown: boolean;
}

const nothingYet = { found: undefined, problem: null, isUnknown: false } as const;

export const search = signal<Search | undefined>(undefined);

/** Looks for what an id means: follows the one order that is meant, or leaves several to choose from. */
export async function searchOrders(id: string, everything = false): Promise<void> {
  search.value = { id, ...nothingYet };
  unfollow();
  const answer = await ask(id, everything);
  // Somebody has looked for another meanwhile.
  if (!isLookedFor(id)) return;
  search.value = { id, ...nothingYet, ...answer };
  const [only, second] = answer.found?.orders ?? [];
  if (only !== undefined && second === undefined) follow(only.orderId);
}

const isLookedFor = (id: string): boolean => search.value?.id === id;

async function ask(id: string, everything: boolean): Promise<Partial<Search>> {
  try {
    const kept = everything ? '&kept=all' : '';
    return { found: await get<FoundOrders>(`orders?id=${encodeURIComponent(id)}${kept}`) };
  } catch (error) {
    if (!(error instanceof RefusedError)) return { problem: 'The dashboard could not be reached.' };
    return { problem: error.message, isUnknown: error.status === 404 };
  }
}
