/** How large a batch may grow and how long its first item waits for others. */
export interface BatchLimits {
  readonly items: number;
  readonly waitMs: number;
}

/**
 * Groups what comes: a batch is given on when it is full, when its first item has waited `waitMs`, or at the end. While a
 * batch is being worked on nothing more is taken than one item.
 */
export async function* inBatches<T>(
  source: AsyncIterable<T>,
  { items, waitMs }: BatchLimits,
): AsyncGenerator<T[]> {
  const iterator = source[Symbol.asyncIterator]();
  let batch: T[] = [];
  let next: Promise<IteratorResult<T>> | undefined;
  let waiting: Wait | undefined;
  try {
    for (;;) {
      next ??= iterator.next();
      const result = await (waiting === undefined ? next : Promise.race([next, waiting.over]));
      if (result !== 'over') {
        next = undefined;
        if (result.done !== true) {
          batch.push(result.value);
          waiting ??= wait(waitMs);
          if (batch.length < items) continue;
        } else {
          if (batch.length > 0) yield batch;
          return;
        }
      }
      waiting?.cancel();
      waiting = undefined;
      const full = batch;
      batch = [];
      yield full;
    }
  } finally {
    waiting?.cancel();
    // The item in flight is given up; if the source breaks, the consumer of this generator is no longer there to hear it.
    next?.catch(() => undefined);
    iterator.return?.().catch(() => undefined);
  }
}

interface Wait {
  readonly over: Promise<'over'>;
  readonly cancel: () => void;
}

function wait(ms: number): Wait {
  let timer: NodeJS.Timeout | undefined;
  const over = new Promise<'over'>((resolve) => {
    timer = setTimeout(() => resolve('over'), ms);
  });
  return { over, cancel: () => clearTimeout(timer) };
}
