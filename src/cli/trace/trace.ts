import { Command } from 'commander';
import { eventTopics } from '../../contracts/catalogue.ts';
import { createGenericDecoder } from '../../events/generic-decoder.ts';
import type { Subject } from '../../operate/trace/find-subjects.ts';
import { findSubjectsIn, traceSubject } from '../../operate/trace/trace-subject.ts';
import { storyWords } from '../../pipeline.ts';
import { PipelineError } from '../../platform/errors.ts';
import { withPlaceOptions, type ConnectorOptions } from '../connectors/connector-options.ts';
import { openPipeline, type OpenPipeline } from '../open-pipeline.ts';
import { durationText } from '../quantities.ts';
import { type CommandContext } from '../run-command.ts';
import { storyLines } from './story-lines.ts';

interface Options extends ConnectorOptions {
  readonly order?: string;
}

const HELP = `
The id is that of an order (or of whatever events are about), of an event, or a customer's. Of several orders of a customer the
newest are listed; --order takes one. Everything is read from what the parts have written down, so it also works for an
order that is stuck, and says where. Rows of the outbox are kept for 7 days.

Exit codes: 0 all of it is dealt with, 1 it is not (yet), or nothing is known of the id, 2 wrong usage, 3 something can not be
reached, so that the story is not whole.

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
    .addHelpText('after', HELP)
    .action((id: string, options: Options) => trace(context, id, options));
}

async function trace(context: CommandContext, id: string, options: Options): Promise<void> {
  if (id.trim() === '')
    throw new PipelineError('usage_invalid', 'The id is empty.', {
      remedy: 'Give the id of an order, an event or a customer.',
    });
  const pipeline = await openPipeline(context, { ...options, retryForMs: 3_000 });
  try {
    const found = await subjectOf(pipeline, id, options.order);
    if (found === undefined || Array.isArray(found)) {
      context.answerNo();
      sayList(id, found ?? [], options.json === true);
    } else await tell(context, pipeline, found.aggregateId, options.json === true);
  } finally {
    await pipeline.close();
  }
}

/** The one that is meant; several where that is open; undefined when there is none. */
async function subjectOf(
  pipeline: OpenPipeline,
  id: string,
  order: string | undefined,
): Promise<Subject | Subject[] | undefined> {
  const { subjects, failures } = await findSubjectsIn(pipeline, order ?? id, LIST);
  const meant = order === undefined ? subjects : subjects.filter(({ key, isExact }) => isExact && key === id);
  const [first, second] = meant;
  if (first === undefined && failures.length > 0) throw failures[0] as Error;
  return second === undefined ? first : [...meant];
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
    decoder: createGenericDecoder(pipeline.registryUrl),
  });
  console.log(json ? JSON.stringify(story) : storyLines(story, new Date()).join('\n'));
  if (story.problems.length > 0) context.answerNo(3);
  else if (!story.settled) context.answerNo();
}

function sayList(id: string, subjects: readonly Subject[], json: boolean): void {
  if (json) {
    console.log(JSON.stringify({ subjects }));
    return;
  }
  if (subjects.length === 0) {
    console.log(
      `Nothing is known of ${id}: no outbox has an event of that id, about it or under it as key. Rows are kept for 7 days.`,
    );
    return;
  }
  console.log(`${subjects.length === LIST ? 'The newest' : 'There are'} ${subjects.length} of ${id}:`);
  for (const { aggregateId, lastType, since } of subjects)
    console.log(`  ${aggregateId}  ${lastType}  ${durationText(Date.now() - since.getTime())} ago`);
  console.log(`Take one: npx outbox trace ${id} --order <id>`);
}
