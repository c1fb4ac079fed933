import { Command } from 'commander';
import { eventTopics } from '../../contracts/catalogue.ts';
import { createGenericDecoder } from '../../events/generic-decoder.ts';
import { openPipeline, type OpenPipeline } from '../../open-pipeline.ts';
import { findRecordedEvent, sayNotFound } from '../../operate/trace/find-recorded-event.ts';
import { findSubjectsIn, type FoundSubjects } from '../../operate/trace/find-subjects-in.ts';
import { readTraceId } from '../../operate/trace/read-trace-id.ts';
import { traceSubject } from '../../operate/trace/trace-subject.ts';
import { storyWords } from '../../pipeline.ts';
import { PipelineError } from '../../platform/errors.ts';
import { withPlaceOptions, type ConnectorOptions } from '../connectors/connector-options.ts';
import { type CommandContext } from '../run-command.ts';
import { WIDTH, wrapped } from '../wrapped.ts';
import { storyLines } from './story-lines.ts';
import { subjectLines } from './subject-lines.ts';

interface Options extends ConnectorOptions {
  readonly order?: string;
  readonly all?: boolean;
}

const HELP = `
The id is that of an order (or of whatever events are about), of an event, or a customer's. Of several orders of a customer the
newest are listed; --order takes one. A customer's are looked for in the last hour, then in the last day, then in all that is kept,
until more than one is found; --all looks at all at once. Everything is read from what the parts have written down, so it also
works for an order that is stuck, and says where. Rows of the outbox are kept for 7 days.

Exit codes: 0 all of it is dealt with, 1 it is not (yet) or is stuck, or several are meant, or nothing is known of the id,
2 wrong usage, 3 something can not be reached, so that the story is not whole.

Examples:
  npx outbox trace 0190b3a0-0000-7000-8000-00000000abcd
  npx outbox trace ada
  npx outbox trace ada --order 0190b3a0-0000-7000-8000-00000000abcd --json | jq '.hops[] | [.where, .eventType, .durationMs]'`;

/** A list of orders is for choosing from. */
const LIST = 20;

/** `outbox trace` */
export function traceCommand(context: CommandContext): Command {
  return withPlaceOptions(new Command('trace'))
    .description(
      'tell the way of one order, hop by hop, with the milliseconds between; and where it is stuck',
    )
    .argument('<id>', 'an order, an event or a customer')
    .option('--order <id>', 'of a customer, this order')
    .option('--all', 'of a customer, look at all that is kept')
    .addHelpText('after', HELP)
    .action((id: string, options: Options) => trace(context, id, options));
}

async function trace(context: CommandContext, given: string, options: Options): Promise<void> {
  const id = usableId('The id', given);
  const order = options.order === undefined ? undefined : usableId('--order', options.order);
  const pipeline = await openPipeline(context, { ...options, retryForMs: 3_000 });
  try {
    const found = await findMeant(pipeline, id, { order, everything: options.all === true });
    const [first, second] = found.subjects;
    if (first !== undefined && second === undefined)
      await tell(context, pipeline, first.aggregateId, options.json === true);
    else {
      context.answerNo();
      await sayList(pipeline, { id, given: order ?? id, found, json: options.json === true });
    }
  } finally {
    await pipeline.close();
  }
}

/** @throws PipelineError `usage_invalid` that names what is wrong with what */
function usableId(what: string, given: string): string {
  const read = readTraceId(given);
  if ('id' in read) return read.id;
  throw new PipelineError('usage_invalid', `${what} ${read.problem}.`, {
    remedy: 'See: npx outbox trace --help',
  });
}

/** What is meant: one, or several where that is open. @throws what a database said, where nothing was found for that reason */
async function findMeant(
  pipeline: OpenPipeline,
  id: string,
  { order, everything }: { readonly order: string | undefined; readonly everything: boolean },
): Promise<FoundSubjects> {
  const options = { statusAfter: storyWords.statusAfter, now: new Date(), limit: LIST, everything };
  const found = await findSubjectsIn(pipeline, order ?? id, options);
  const subjects =
    order === undefined ? found.subjects : found.subjects.filter(({ key, isExact }) => isExact && key === id);
  if (subjects.length === 0 && found.failures.length > 0) throw found.failures[0] as Error;
  return { ...found, subjects };
}

async function tell(
  context: CommandContext,
  pipeline: OpenPipeline,
  subject: string,
  json: boolean,
): Promise<void> {
  const story = await traceSubject(pipeline, subject, {
    words: storyWords,
    eventTypes: eventTopics.flatMap(({ events }) => Object.keys(events)),
    decoder: createGenericDecoder(pipeline.registry),
  });
  console.log(json ? JSON.stringify(story) : storyLines(story, new Date()).join('\n'));
  if (story.problems.length > 0) context.answerNo(3);
  else if (!story.settled) context.answerNo();
}

async function sayList(
  pipeline: OpenPipeline,
  asked: {
    readonly id: string;
    readonly given: string;
    readonly found: FoundSubjects;
    readonly json: boolean;
  },
): Promise<void> {
  const { id, given, found, json } = asked;
  const { subjects, lookedSince } = found;
  if (json) console.log(JSON.stringify({ subjects, lookedSince }));
  else if (subjects.length === 0)
    console.log(
      wrapped(sayNotFound(given, (await findRecordedEvent(pipeline, given)).recorded), WIDTH).join('\n'),
    );
  else console.log(subjectLines(id, found, { now: new Date(), limit: LIST }).join('\n'));
}
