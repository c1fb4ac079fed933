import { signal } from '@preact/signals';
import type { FoundOrders } from '../dashboard-state.ts';
import { get, RefusedError } from './ask-server.ts';
import { follow, unfollow } from './follow-order.ts';

/** What was looked for last. */
export interface Search {
  readonly id: string;
  /** Undefined while it is looked for, and when that was refused. */
  readonly found: FoundOrders | undefined;
  /** Why it can't be looked for. */
  readonly problem: string | null;
}

const nothingYet = { found: undefined, problem: null } as const;

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
    return {
      problem: error instanceof RefusedError ? error.message : 'The dashboard could not be reached.',
    };
  }
}
