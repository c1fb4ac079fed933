import { statusTopic } from '../src/cli/connectors/status-topic.ts';
import { watchPipeline } from '../src/cli/connectors/watch-pipeline.ts';
import { openPipeline, type PipelinePlace } from '../src/open-pipeline.ts';
import type { CommandContext } from '../src/cli/run-command.ts';

/** What `outbox connectors watch` does, until SIGINT or SIGTERM. */
export async function watchConnectors(
  context: CommandContext,
  place: Pick<PipelinePlace, 'connect' | 'dir'>,
  options: { everyMs: number; json: boolean },
): Promise<void> {
  // A look that gets no answer is shown at once; asking again is what the next look does.
  const pipeline = await openPipeline(context, { ...place, retryForMs: 0 });
  try {
    await watchPipeline(pipeline, pipeline.connectors, {
      ...options,
      statusTopic: statusTopic(context.env),
      probe: true,
    });
  } finally {
    await pipeline.close();
  }
}
