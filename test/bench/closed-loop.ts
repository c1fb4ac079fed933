export interface ClosedLoop {
  readonly clients: number;
  readonly seconds: number;
  readonly stopping: AbortSignal;
}

export interface LoopResult {
  readonly done: number;
  /** Until the last piece of work that had begun in time was done. */
  readonly seconds: number;
}

/**
 * So many clients for so long, each at its next piece of work as soon as the last is done.
 * @throws what a piece of work threw, when the clients have ended
 */
export async function runClosedLoop(
  { clients, seconds, stopping }: ClosedLoop,
  work: () => Promise<unknown>,
): Promise<LoopResult> {
  const began = performance.now();
  const end = began + seconds * 1e3;
  let done = 0;
  let failure: { readonly reason: unknown } | undefined;
  const client = async (): Promise<void> => {
    while (failure === undefined && !stopping.aborted && performance.now() < end) {
      try {
        await work();
        done += 1;
      } catch (reason) {
        failure ??= { reason };
      }
    }
  };
  await Promise.all(Array.from({ length: clients }, client));
  stopping.throwIfAborted();
  if (failure !== undefined) throw failure.reason;
  return { done, seconds: (performance.now() - began) / 1e3 };
}
