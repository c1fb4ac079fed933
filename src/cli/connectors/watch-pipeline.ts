import type { Healing } from '../../operate/watch/heal-once.ts';
import type { OperatedConnector, OperatedPipeline } from '../../operate/operated-pipeline.ts';
import { watchConnectors } from '../../operate/watch/watch-connectors.ts';
import { jsonScreen, lineScreen, redrawnScreen, type WatchOutput } from './show-watch.ts';

export interface WatchPipelineOptions {
  readonly everyMs: number;
  readonly json: boolean;
  readonly statusTopic: string;
  readonly probe: boolean;
  readonly healing?: Healing;
}

/** Together well below 15 s, a look included: a connector that says RUNNING but is dead is found out in that time. */
const PROBE = { everyMs: 3_000, timeoutMs: 5_000 };

/** Shows these connectors until SIGINT, SIGTERM, or until whoever read our output has gone (`| head`). */
export async function watchPipeline(
  pipeline: OperatedPipeline,
  connectors: readonly OperatedConnector[],
  options: WatchPipelineOptions,
): Promise<void> {
  const stopped = new AbortController();
  const stop = (): void => stopped.abort();
  const { stdout } = process;
  process.on('SIGINT', stop);
  process.on('SIGTERM', stop);
  stdout.on('error', stop);
  const output: WatchOutput = {
    write: (text) => stdout.write(text),
    get columns() {
      return stdout.columns;
    },
    get rows() {
      return stdout.rows;
    },
  };
  const screen = options.json
    ? jsonScreen(output)
    : stdout.isTTY
      ? redrawnScreen(output)
      : lineScreen(output);
  try {
    await watchConnectors(pipeline, connectors, {
      everyMs: options.everyMs,
      statusTopic: options.statusTopic,
      probe: options.probe ? PROBE : undefined,
      healing: options.healing,
      signal: stopped.signal,
      show: (picture) => screen.show(picture),
      tell: (news) => screen.tell(news),
    });
  } finally {
    process.off('SIGINT', stop);
    process.off('SIGTERM', stop);
    stdout.off('error', stop);
  }
}
