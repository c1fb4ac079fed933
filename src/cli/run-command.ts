import { CommanderError } from 'commander';
import type { Command } from 'commander';
import { describeError, PipelineError } from '../platform/errors.ts';
import { explainError } from './explain-error.ts';
import type { ErrorCode } from '../platform/errors.ts';
import type { Log } from '../platform/log.ts';
import { isNobodyThere, isTransientPostgresError } from '../platform/postgres/postgres-errors.ts';

/** What every command gets. */
export interface CommandContext {
  readonly env: Readonly<Record<string, string>>;
  readonly log: Log;
  /** The command has printed its answer, and the answer is no: exit code 1 (or 3) without a sentence on stderr. */
  answerNo(exitCode?: 1 | 3): void;
}

/** Where a command runs. */
export interface CommandPlace extends Omit<CommandContext, 'answerNo'> {
  /** Called as soon as the answer is no, for a process that may end before the command does. */
  readonly onAnswer?: (exitCode: number) => void;
}

const CANNOT_REACH: readonly ErrorCode[] = [
  'registry_unreachable',
  'kafka_unreachable',
  'connect_unreachable',
  'database_unreachable',
];
const WRONG_USAGE: readonly ErrorCode[] = ['config_invalid', 'connector_file_invalid', 'usage_invalid'];

/**
 * The third door for errors: one sentence on stderr and an exit code that scripts can rely on.
 * 0 fine, 1 what was asked for is not so, 2 wrong usage, 3 something can not be reached.
 */
export async function runCommand(
  build: (context: CommandContext) => Command,
  context: CommandPlace,
  argv: readonly string[],
): Promise<number> {
  let answer = 0;
  const answerNo = (exitCode: 1 | 3 = 1): void => {
    answer = exitCode;
    context.onAnswer?.(exitCode);
  };
  try {
    const command = build({ env: context.env, log: context.log, answerNo });
    await command.parseAsync([...argv]);
    return answer;
  } catch (raw) {
    // Commander has already printed its sentence; asking for help is no mistake.
    if (raw instanceof CommanderError) return raw.exitCode === 0 ? 0 : 2;
    const error = explainError(raw, context.env);
    console.error(describeError(error));
    return exitCodeOf(error);
  }
}

/** For commands that print a failure themselves, as one line of a table or of JSON. */
export function exitCodeOf(error: unknown): number {
  if (error instanceof PipelineError) {
    // Whoever waited, waited for somebody who was not there.
    if (error.code === 'deadline_passed' && error.cause !== undefined)
      return exitCodeOf(error.cause) === 3 ? 3 : 1;
    if (CANNOT_REACH.includes(error.code)) return 3;
    return WRONG_USAGE.includes(error.code) ? 2 : 1;
  }
  return isNobodyThere(error) || isTransientPostgresError(error) || isKafkaConnectionError(error) ? 3 : 1;
}

const isKafkaConnectionError = (error: unknown): boolean =>
  Error.isError(error) && /^KafkaJS(Connection|NumberOfRetriesExceeded|BrokerNotFound)/.test(error.name);
