import { signal } from '@preact/signals';
import type { OrderStory } from '../dashboard-state.ts';
import { get, RefusedError } from './ask-server.ts';

export interface Followed {
  readonly orderId: string;
  readonly story: OrderStory | undefined;
  /** Why its story can't be told; what was told before stays. */
  readonly problem: string | null;
}

/** The order whose way is shown. */
export const followed = signal<Followed | undefined>(undefined);

const soonMs = 400;
const laterMs = 3_000;
/** A story that has not ended by then is stuck: it is looked at less often. */
const soonForMs = 20_000;
let timer: ReturnType<typeof setTimeout> | undefined;

/** Shows an order's story and asks for it again until it is settled or another one is followed. */
export function follow(orderId: string): void {
  clearTimeout(timer);
  followed.value = { orderId, story: undefined, problem: null };
  void look(orderId, Date.now());
}

/** Shows no order's story any more. */
export function unfollow(): void {
  clearTimeout(timer);
  followed.value = undefined;
}

/** From the first to the last time that is known; null where that is not two. */
export const tookMs = ({ from, to }: OrderStory): number | null =>
  from === null || to === null || from === to ? null : Date.parse(to) - Date.parse(from);

async function look(orderId: string, since: number): Promise<void> {
  const found = await readStory(orderId);
  const now = followed.value;
  if (now?.orderId !== orderId) return;
  followed.value = { ...now, ...found };
  if (found.story?.settled === true) return;
  const pause = Date.now() - since < soonForMs ? soonMs : laterMs;
  timer = setTimeout(() => void look(orderId, since), pause);
}

async function readStory(orderId: string): Promise<Partial<Followed>> {
  try {
    const story = await get<OrderStory>(`orders/${encodeURIComponent(orderId)}/story`);
    return { story, problem: null };
  } catch (error) {
    return {
      problem: error instanceof RefusedError ? error.message : 'The dashboard could not be reached.',
    };
  }
}
