import { userInfo } from 'node:os';
import { Command, Option } from 'commander';
import { readLogBounds, type LogBounds } from '../../consumer/read-aligned-positions.ts';
import { analyzeSchema } from '../../consumer/rebuild/second-schema.ts';
import { beginRebuild, type BeginRebuild } from '../../consumer/rebuild/begin-rebuild.ts';
import { catchUp, type Progress } from '../../consumer/rebuild/catch-up.ts';
import { fillFromOutbox } from '../../consumer/rebuild/fill-from-outbox.ts';
import { withRebuild } from '../../consumer/rebuild/open-rebuild.ts';
import type { RebuildBegin } from '../../consumer/rebuild/rebuild-rows.ts';
import { otherSchema } from '../../consumer/rebuild/state-schemas.ts';
import { createDecoder } from '../../events/decoder.ts';
import { writerSchemasFrom } from '../../events/registry.ts';
import { interruption } from '../interruption.ts';
import type { CommandContext } from '../run-command.ts';
import type { OpenRebuild } from './open-rebuild.ts';
import { progressLine } from './rebuild-lines.ts';
import { withOpenRebuild, withRebuildOptions, type RebuildOptions } from './rebuild-options.ts';

interface Options extends RebuildOptions {
  readonly from: RebuildBegin;
  readonly by?: string;
}

const HELP = `
Replays the consumer's topic, by the code of this checkout, into tables beside the live ones. The service goes on meanwhile and knows
nothing of it. What was answered is a fact: outcomes that were recorded are not decided again, only their effects are made again; where the
code disagrees, the case is listed. A consumer that answers nobody (sales) has its events simply applied again.

--from base       from where the live consumer once began
--from beginning  from the first event that the topic has, also before the live consumer began; not where outcomes were recorded
--from outbox     what the topic no longer has (retention.ms) from the publishers' outboxes, as <service>_audit; the rest from the topic
A topic that no longer has its first events is refused with the other two. What is in neither can not be rebuilt, and status says so: a state
can be made again only as long as all of its events are kept.

It ends when it has caught up; run it again to go on after it was interrupted. Next: rebuild status, then rebuild swap.

Exit codes: 0 caught up, 1 refused or interrupted, 2 wrong usage, 3 something can not be reached.

  npx outbox rebuild start --consumer inventory`;

/** So many records behind is caught up: status and swap replay the rest. */
const WITHIN = 100;
const SAY_EVERY_MS = 2_000;

/** `outbox rebuild start` */
export function rebuildStartCommand(context: CommandContext): Command {
  return withRebuildOptions(new Command('start'))
    .description('build a second state of a consumer from its events, beside the live one')
    .addOption(
      new Option('--from <where>', 'where to begin').choices(['base', 'beginning', 'outbox']).default('base'),
    )
    .option('--by <name>', 'who starts it (default: the user of this computer)')
    .addHelpText('after', HELP)
    .action((options: Options) =>
      withOpenRebuild(context, options, (open) => rebuildStart(context, open, options)),
    );
}

async function rebuildStart(context: CommandContext, open: OpenRebuild, options: Options): Promise<void> {
  const { definition, kafka, topicPrefix, pool } = open;
  const say = (line: string): void => {
    if (options.json !== true) console.log(line);
  };
  const second = otherSchema(definition.schema, 'building');
  const bounds = await readLogBounds(kafka, topicPrefix + definition.topic);
  const isNew = await beginRebuild({
    pool,
    definition,
    bounds,
    beginAt: options.from,
    startedBy: options.by ?? userInfo().username,
    ...(options.from === 'outbox' && { fill: fillOf(open, second, bounds, say) }),
  });
  say(`${isNew ? 'Builds' : 'Goes on with'} schema ${second} from ${definition.topic}.`);
  const interrupted = interruption();
  const { signal } = interrupted;
  try {
    const progress = await withRebuild(open, (work) =>
      catchUp(work, { within: WITHIN, signal, onProgress: sayNowAndThen(say) }),
    );
    await analyzeSchema(pool, second);
    if (options.json === true)
      console.log(JSON.stringify({ consumer: definition.consumer, schema: second, progress }));
    say(progressLine(progress));
    say(`Compare with: npx outbox rebuild status --consumer ${definition.consumer}`);
  } catch (error) {
    if (!signal.aborted) throw error;
    say('Interrupted: what was replayed stays; the same command goes on with it.');
    context.answerNo();
  } finally {
    interrupted.forget();
  }
}

function fillOf(
  { definition, registry, outboxes }: OpenRebuild,
  second: string,
  bounds: ReadonlyMap<number, LogBounds>,
  say: (line: string) => void,
): BeginRebuild['fill'] {
  const decoder = createDecoder({ events: definition.events, writerSchema: writerSchemasFrom(registry) });
  const logStarts = new Map([...bounds].map(([partition, { start }]) => [partition, start]));
  return async (tx, reaches) => {
    const fill = { definition, decoder, second, outboxes: outboxes(), reaches, logStarts };
    say(`${await fillFromOutbox(tx, fill)} events from the outbox that the topic no longer has.`);
  };
}

function sayNowAndThen(say: (line: string) => void): (progress: Progress) => void {
  let saidAt = Date.now();
  return (progress) => {
    if (Date.now() - saidAt < SAY_EVERY_MS) return;
    saidAt = Date.now();
    say(progressLine(progress));
  };
}
