import { CommanderError } from 'commander';
import type { Command } from 'commander';
import { describeError, PipelineError } from '../platform/errors.ts';
import type { ErrorCode } from '../platform/errors.ts';
import type { Log } from '../platform/log.ts';
import { isTransientPostgresError } from '../platform/postgres/postgres-errors.ts';

/** What every command gets. */
export interface CommandContext {
  readonly env: Readonly<Record<string, string>>;
  readonly log: Log;
}

const CANNOT_REACH: readonly ErrorCode[] = [
  'registry_unreachable',
  'kafka_unreachable',
  'connect_unreachable',
  'database_unreachable',
];

/**
 * The third door for errors: one sentence on stderr and an exit code that scripts can rely on.
 * 0 fine, 1 what was asked for is not so, 2 wrong usage, 3 something can not be reached.
 */
export async function runCommand(command: Command, argv: readonly string[]): Promise<number> {
  try {
    await command.parseAsync([...argv]);
    return 0;
  } catch (error) {
    // Commander has already printed its sentence; asking for help is no mistake.
    if (error instanceof CommanderError) return error.exitCode === 0 ? 0 : 2;
    console.error(describeError(error));
    return exitCodeOf(error);
  }
}

function exitCodeOf(error: unknown): number {
  if (error instanceof PipelineError) return CANNOT_REACH.includes(error.code) ? 3 : 1;
  return isTransientPostgresError(error) || isKafkaConnectionError(error) ? 3 : 1;
}

const isKafkaConnectionError = (error: unknown): boolean =>
  error instanceof Error && /^KafkaJS(Connection|NumberOfRetriesExceeded|BrokerNotFound)/.test(error.name);
