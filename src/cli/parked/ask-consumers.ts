import { userInfo } from 'node:os';
import { styleText } from 'node:util';
import type { Command } from 'commander';
import type { ParkedRequest } from '../../consumer/key-under-drain.ts';
import { awaitAnswer } from '../../operate/parked/await-answer.ts';
import type { ParkedFilter } from '../../operate/parked/list-parked.ts';
import { requestParked, type Answer } from '../../operate/parked/request-parked.ts';
import { isConfirmed } from '../ask.ts';
import { durationOption } from '../duration-option.ts';
import { openPipeline } from '../../open-pipeline.ts';
import type { CommandContext } from '../run-command.ts';
import { findHeld, type FilterOptions, type FoundKey } from './parked-filter.ts';
import { heldLine } from './parked-lines.ts';

export interface AskOptions extends FilterOptions {
  readonly by?: string;
  readonly dryRun?: true;
  readonly wait: number;
}

/** `--by`, `--dry-run` and `--wait` of everything that asks consumers to do something. */
export function withAskOptions(command: Command): Command {
  return command
    .option('--by <name>', 'who asks for it (default: the user of this computer)')
    .option('--dry-run', 'only say which keys it would be')
    .option('--wait <time>', 'how long to wait for the consumer to do it', durationOption, 30_000);
}

interface Asking extends Pick<AskOptions, 'by' | 'dryRun' | 'wait' | 'json'> {
  readonly filter: ParkedFilter;
  readonly kind: ParkedRequest;
  /** As in "would <doing> key a". */
  readonly doing: string;
  readonly why: string | null;
  readonly confirm: boolean;
}

/** What became of it, for one key. busy: something else was asked of it before. */
interface Result {
  readonly consumer: string;
  readonly key: string;
  readonly result: Answer['kind'] | 'busy' | 'would do';
  readonly answer: string | null;
}

/**
 * Asks the running consumers, and waits for what becomes of it: nothing is done here. If this process dies, what was asked for is
 * done all the same.
 */
export async function askConsumers(context: CommandContext, asking: Asking): Promise<void> {
  const pipeline = await openPipeline(context);
  const json = asking.json === true;
  const say = (line: string): void => {
    if (!json) console.log(line);
  };
  try {
    // Skipping is for keys that wait, discarding for those that are parked; a redrive may be tried with any.
    const found = (await findHeld(pipeline, asking.filter)).filter(({ held }) =>
      fits(asking.kind, held.state),
    );
    const results: Result[] = [];
    if (found.length === 0) say('No held key fits.');
    for (const { held } of found) say(`would ${asking.doing} ${heldLine(held)}`);
    if (asking.dryRun === true)
      results.push(...found.map((one) => resultOf(one, { kind: 'would do' }, null)));
    else if (found.length > 0 && (await mayGoOn(asking, found.length))) {
      results.push(...(await askEach(found, asking)));
      for (const result of results) say(resultLine(result, asking));
    } else if (found.length > 0) context.answerNo();
    if (json) console.log(JSON.stringify(results));
    if (results.some(({ result }) => result !== 'released' && result !== 'would do')) context.answerNo();
  } finally {
    await pipeline.close();
  }
}

function fits(kind: ParkedRequest, state: 'parked' | 'waiting'): boolean {
  if (kind === 'redrive') return true;
  return state === (kind === 'skip' ? 'waiting' : 'parked');
}

async function mayGoOn({ confirm, json, doing }: Asking, keys: number): Promise<boolean> {
  if (!confirm) return true;
  const question = `Really ${doing} ${keys === 1 ? 'this key' : `these ${keys} keys`}? It can not be undone.`;
  return isConfirmed(question, { yes: false, json: json === true });
}

/** All are asked first, then waited for: the consumers do them one after the other. */
async function askEach(found: readonly FoundKey[], asking: Asking): Promise<Result[]> {
  const request = { kind: asking.kind, who: asking.by ?? userInfo().username, why: asking.why };
  const asked = [];
  for (const one of found)
    asked.push({ one, asked: await requestParked(one.service.pool, one.held, request) });
  const deadline = Date.now() + asking.wait;
  const results: Result[] = [];
  for (const { one, asked: how } of asked) {
    if (how === 'gone') results.push(resultOf(one, { kind: 'released' }, null));
    else if (how === 'busy') results.push(resultOf(one, { kind: 'busy' }, one.held.request));
    else {
      const answer = await awaitAnswer(one.service.pool, one.held, deadline);
      results.push(resultOf(one, answer, answer.kind === 'held' ? answer.answer : null));
    }
  }
  return results;
}

const resultOf = (
  { held: { consumer, key } }: FoundKey,
  { kind }: { readonly kind: Result['result'] },
  answer: string | null,
): Result => ({ consumer, key, result: kind, answer });

function resultLine({ consumer, key, result, answer }: Result, { wait }: Asking): string {
  const name = `${consumer} ${key}`;
  switch (result) {
    case 'released':
      return `${name}: ${styleText('green', 'flows again')}`;
    case 'held':
      return `${name}: ${styleText('red', 'still held')}: ${answer ?? ''}`;
    case 'busy':
      return `${name}: ${styleText('yellow', 'not asked')}: ${answer ?? 'something'} was asked for before and is not done yet`;
    case 'pending':
      return `${name}: ${styleText('yellow', 'not done yet')} after ${Math.round(wait / 1_000)} s: consumer ${consumer} does not seem to run. The request stays and is done as soon as it does.`;
    case 'would do':
      return name;
  }
}
