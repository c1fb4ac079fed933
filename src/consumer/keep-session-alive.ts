/** kafkajs sends a heartbeat only when asked; it drops those that come sooner than its own interval. */
const EVERY_MS = 1_000;

/**
 * Runs `work` and asks for heartbeats meanwhile, so that a long transaction or a long wait does not cost the session.
 * A heartbeat that fails (the group rebalances, the coordinator is gone) aborts `lost`; work ends when it sees fit.
 * @throws the heartbeat's error after work has ended: kafkajs joins the group again on it.
 */
export async function keepSessionAlive(
  heartbeat: () => Promise<void>,
  work: (lost: AbortSignal) => Promise<void>,
): Promise<void> {
  const lost = new AbortController();
  const timer = setInterval(() => {
    heartbeat().catch((error: unknown) => lost.abort(error));
  }, EVERY_MS);
  try {
    await work(lost.signal);
  } finally {
    clearInterval(timer);
  }
  lost.signal.throwIfAborted();
}
