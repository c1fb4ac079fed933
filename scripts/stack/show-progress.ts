import type { ProgressReport, Report, ReportState } from './resource.ts';

const marks: Record<ReportState, string> = {
  fetching: '…',
  starting: '…',
  stopping: '…',
  ready: '✓',
  'was running': '✓',
  stopped: '✓',
  failed: '✗',
  note: 'i',
};

export interface Progress {
  readonly report: Report;
  /** Ends the live line; call it before printing anything else. */
  close(): void;
}

/** On a terminal: finished parts as lines, and below them one live line with the seconds of those under way. Else plain lines. */
export function showProgress(out: NodeJS.WriteStream): Progress {
  return out.isTTY ? liveProgress(out) : { report: plainReport(out), close: () => undefined };
}

function plainReport(out: NodeJS.WriteStream): Report {
  const begun = new Set<string>();
  return (progress) => {
    // Once a part: not a line for each downloaded file.
    if (progress.state === 'fetching' && begun.has(progress.part)) return;
    begun.add(progress.part);
    out.write(`${line(progress)}\n`);
  };
}

function liveProgress(out: NodeJS.WriteStream): Progress {
  const running = new Map<string, { began: number; progress: ProgressReport }>();
  const draw = (): void => {
    const parts = [...running.values()].map(
      ({ began, progress }) =>
        `${progress.part} ${progress.state}${progress.note === undefined ? '' : ` ${progress.note}`} ${((Date.now() - began) / 1000).toFixed(0)} s`,
    );
    out.write(`\r\x1b[K${parts.join(' · ').slice(0, out.columns - 1)}`);
  };
  const timer = setInterval(draw, 200);
  timer.unref();
  return {
    report: (progress) => {
      if (marks[progress.state] === '…') {
        const began = running.get(progress.part)?.began ?? Date.now();
        running.set(progress.part, { began, progress });
      } else {
        if (progress.state !== 'note') running.delete(progress.part);
        out.write(`\r\x1b[K${line(progress)}\n`);
      }
      draw();
    },
    close: () => {
      clearInterval(timer);
      out.write('\r\x1b[K');
    },
  };
}

function line({ part, state, seconds, note }: ProgressReport): string {
  const time = seconds === undefined ? '' : ` ${seconds.toFixed(1)} s`;
  return `${marks[state]} ${part.padEnd(16)} ${state}${time}${note === undefined ? '' : ` (${note})`}`.replace(
    ' note (',
    ' (',
  );
}
