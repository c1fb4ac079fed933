import { SingleBar } from 'cli-progress';

/** Where the demo talks to a person: stdout, or stderr when stdout is kept for the summary as JSON. */
export interface Say {
  readonly line: (text?: string) => void;
  /** Does something and says in one line what it was and how many seconds it took. */
  step<T>(what: string, work: () => Promise<T>): Promise<T>;
  /** A bar on a terminal, a line every few seconds elsewhere. Lines said meanwhile go above the bar. */
  progress(total: number, what: string): ProgressLine;
}

export interface ProgressLine {
  readonly update: (done: number, detail: string) => void;
  readonly end: () => void;
}

const LINE_EVERY_MS = 3_000;

export function createSay(out: NodeJS.WriteStream): Say {
  let bar: { clear(): void } | undefined;
  const line = (text = ''): void => {
    bar?.clear();
    out.write(`${text}\n`);
  };
  return {
    line,
    step: async (what, work) => {
      const began = performance.now();
      const result = await work();
      line(`✓ ${what.padEnd(52)} ${((performance.now() - began) / 1000).toFixed(1)} s`);
      return result;
    },
    progress: (total, what) => {
      if (!out.isTTY) return plainProgress(total, what, line);
      const live = liveProgress(total, what, out);
      bar = live;
      return {
        update: live.update,
        end: () => {
          bar = undefined;
          live.end();
        },
      };
    },
  };
}

function plainProgress(total: number, what: string, line: (text: string) => void): ProgressLine {
  let saidAt = Date.now();
  let last = '';
  return {
    update: (done, detail) => {
      last = `  ${what} ${done} of ${total}${detail === '' ? '' : ` · ${detail}`}`;
      if (Date.now() - saidAt < LINE_EVERY_MS) return;
      saidAt = Date.now();
      line(last);
      last = '';
    },
    end: () => {
      if (last !== '') line(last);
    },
  };
}

function liveProgress(
  total: number,
  what: string,
  out: NodeJS.WriteStream,
): ProgressLine & { clear(): void } {
  const bar = new SingleBar({
    format: `  ${what} {bar} {value} of {total} · {detail}`,
    barCompleteChar: '█',
    barIncompleteChar: '░',
    barsize: 24,
    hideCursor: true,
    // A line said meanwhile wipes the bar; the next frame draws it again below.
    forceRedraw: true,
    stream: out,
  });
  bar.start(total, 0, { detail: '' });
  return {
    update: (done, detail) => bar.update(done, { detail }),
    end: () => bar.stop(),
    clear: () => out.write('\r\x1b[K'),
  };
}
