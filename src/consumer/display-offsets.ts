import { describeError } from '../platform/errors.ts';
import type { Log } from '../platform/log.ts';

const EVERY_MS = 1_000;

export interface DisplayOffsets {
  /** To be shown with the next flush. */
  note(partition: number, next: number): void;
  flush(): Promise<void>;
  /** After a rebalance: the partitions may be somebody else's now. */
  forget(): void;
  close(): void;
}

/**
 * Copies positions to Kafka's group offsets, at most once a second, so that common tools show the lag. Nothing ever reads
 * them back: a failure is logged and otherwise of no consequence.
 */
export function createDisplayOffsets(options: {
  commit: (offsets: { partition: number; offset: string }[]) => Promise<void>;
  log: Log;
}): DisplayOffsets {
  const noted = new Map<number, number>();
  let flushing: Promise<void> | undefined;

  async function commitNoted(): Promise<void> {
    const offsets = [...noted].map(([partition, next]) => ({ partition, offset: String(next) }));
    noted.clear();
    if (offsets.length === 0) return;
    await options.commit(offsets).catch((error: unknown) => {
      options.log.warn({ reason: describeError(error) }, 'could not show the positions in Kafka');
    });
  }

  async function flush(): Promise<void> {
    await flushing;
    flushing = commitNoted().finally(() => (flushing = undefined));
    await flushing;
  }

  const timer = setInterval(() => {
    if (flushing === undefined) void flush();
  }, EVERY_MS);
  timer.unref();
  return {
    note: (partition, next) => void noted.set(partition, next),
    flush,
    forget: () => noted.clear(),
    close: () => clearInterval(timer),
  };
}
