import { setTimeout as delay } from 'node:timers/promises';
import { describeError } from '../../platform/errors.ts';

export interface CollectOptions {
  readonly everyMs: number;
  /** After so long without an answer that is said; the question stays open, and no other is asked beside it. */
  readonly withinMs: number;
  /** Asks the source and keeps what it says. */
  readonly collect: () => Promise<void>;
  /** After each try, and when one takes too long. Null: the source answers. */
  readonly onProblem: (problem: string | null) => void;
}

export interface Collector {
  /** Does not wait for a source that does not answer. */
  stop(): void;
}

/** Asks one source again and again. One that is dead holds up nobody else. */
export function keepCollecting({ everyMs, withinMs, collect, onProblem }: CollectOptions): Collector {
  const stopped = new AbortController();
  const { signal } = stopped;
  const isStopped = (): boolean => signal.aborted;
  const run = async (): Promise<void> => {
    while (!isStopped()) {
      const late = setTimeout(() => onProblem(`No answer within ${withinMs / 1_000} s.`), withinMs);
      try {
        await collect();
        clearTimeout(late);
        onProblem(null);
      } catch (error) {
        clearTimeout(late);
        if (!isStopped()) onProblem(asSentence(describeError(error)));
      }
      await delay(everyMs, undefined, { signal, ref: false }).catch(() => undefined);
    }
  };
  void run();
  return { stop: () => stopped.abort() };
}

const asSentence = (text: string): string => (/[.!?]$/.test(text) ? text : `${text || 'No answer'}.`);
