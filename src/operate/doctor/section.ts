import { describeError, PipelineError } from '../../platform/errors.ts';
import { isTransientPostgresError } from '../../platform/postgres/postgres-errors.ts';
import { problem, skipped, type Judgement } from './judgement.ts';

/** One question about the part of a section; it may find several things. */
export interface Check<Part> {
  /** As scripts know it: words of lower-case letters. */
  readonly name: string;
  readonly look: (part: Part) => Promise<readonly Judgement[]> | readonly Judgement[];
}

/** What is asked of one part: nothing can be said about a part that is not reached. */
export interface Section<Part> {
  /** What the lines are about, as a heading. */
  readonly title: string;
  /** @throws with the reason when it can't be reached */
  readonly reach: () => Promise<Part>;
  /** What to do then, unless the reason says it itself. */
  readonly remedy: string;
  readonly checks: readonly Check<Part>[];
}

export interface Line extends Judgement {
  readonly check: string;
  /** Present on the line that says that a part can't be reached. */
  readonly unreachable?: true;
}

export interface ExaminedSection {
  readonly title: string;
  readonly lines: readonly Line[];
}

/** Never throws: what goes wrong is a line. */
export async function examine<Part>(section: Section<Part>): Promise<ExaminedSection> {
  const { title } = section;
  let part: Part;
  try {
    part = await section.reach();
  } catch (error) {
    const rest = section.checks.map(({ name }) => ({ check: name, ...skipped('not reached') }));
    return { title, lines: [unreached('reachable', error, section.remedy), ...rest] };
  }
  const lines: Line[] = [];
  // One after the other: a preflight must not be the load that it warns of.
  for (const check of section.checks) lines.push(...(await lookAt(check, part, section.remedy)));
  return { title, lines };
}

async function lookAt<Part>(check: Check<Part>, part: Part, remedy: string): Promise<Line[]> {
  try {
    return (await check.look(part)).map((judgement) => ({ check: check.name, ...judgement }));
  } catch (error) {
    if (isOutOfReach(error)) return [unreached(check.name, error, remedy)];
    const { sentence, what } = inWords(error, 'Mend what it says, then run the doctor again.');
    return [{ check: check.name, ...problem(`could not be looked at: ${sentence}`, what) }];
  }
}

function unreached(check: string, error: unknown, remedy: string): Line {
  const { sentence, what } = inWords(error, remedy);
  return { check, ...problem(sentence, what), unreachable: true };
}

function inWords(error: unknown, remedy: string): { sentence: string; what: string } {
  return error instanceof PipelineError
    ? { sentence: error.message, what: error.remedy }
    : { sentence: describeError(error), what: remedy };
}

/** A part that was there a moment ago. */
function isOutOfReach(error: unknown): boolean {
  if (error instanceof PipelineError) return error.code.endsWith('_unreachable');
  if (isTransientPostgresError(error)) return true;
  return (
    Error.isError(error) && /^KafkaJS(Connection|NumberOfRetriesExceeded|BrokerNotFound)/.test(error.name)
  );
}
