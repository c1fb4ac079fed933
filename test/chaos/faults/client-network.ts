import type { ProxyMode } from '../../support/tcp-proxy.ts';
import type { Fault } from '../fault.ts';
import { waitInStorm } from '../storm.ts';

/** Of requests that were done: their customers ask again. */
const LOST_AT_LEAST = 3;

/** Answers are on their way only for moments, so some are lost first, but where they are to come late. */
const spoil = (mode: Exclude<ProxyMode, 'pass'>): Fault => ({
  name: `net-clients-orders-${mode}`,
  what:
    mode === 'slow'
      ? 'the network between customers and orders is slow, then whole again'
      : `the network between customers and orders loses ${LOST_AT_LEAST} answers and then is ${mode}; all ask again with the same key`,
  holdMs: [500, 8_000],
  weight: 0,
  async strike(storm, { holdMs }) {
    const { clients } = storm;
    const before = clients.lostAnswers;
    const lost = (): number => clients.lostAnswers - before;
    try {
      if (mode !== 'slow') {
        clients.become('unanswered');
        const what = `${LOST_AT_LEAST} answers to be lost`;
        await waitInStorm(storm, () => lost() >= LOST_AT_LEAST, { timeoutMs: 60_000, what });
      }
      clients.become(mode);
      await storm.hold(holdMs);
    } finally {
      clients.become('pass');
    }
    return `${mode} for ${holdMs} ms, ${lost()} answers lost`;
  },
});

export const clientNetworkFaults: readonly Fault[] = (['cut', 'reset', 'slow', 'half-open'] as const).map(
  spoil,
);
