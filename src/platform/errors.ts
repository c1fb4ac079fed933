import { safeMessage } from './safe-message.ts';

/** Every way this pipeline fails on purpose. The three doors (HTTP, consumer policy, CLI) decide by code, never by message. */
export type ErrorCode =
  | 'config_invalid'
  | 'event_invalid'
  | 'event_unreadable'
  | 'event_gap'
  | 'event_order_broken'
  | 'event_too_old'
  | 'event_handler_failed'
  | 'event_kills'
  | 'parked_full'
  | 'parked_refused'
  | 'dedupe_race'
  | 'rebuild_refused'
  | 'schema_invalid'
  | 'schema_incompatible'
  | 'schema_unknown'
  | 'schemas_not_applied'
  | 'fingerprint_mismatch'
  | 'registry_unreachable'
  | 'kafka_unreachable'
  | 'topic_mismatch'
  | 'topic_missing'
  | 'position_outside_log'
  | 'consumer_stopped'
  | 'connect_unreachable'
  | 'connect_refused'
  | 'connector_failed'
  | 'connector_file_invalid'
  | 'connector_dangerous'
  | 'connector_unhealthy'
  | 'schema_edited'
  | 'usage_invalid'
  | 'probe_lost'
  | 'database_unreachable'
  | 'deadline_passed'
  | 'stack_part_failed'
  | 'http_listen_failed';

/** A failure that a person can act on: what happened (message) and what to do (remedy), each one sentence. */
export class PipelineError extends Error {
  readonly code: ErrorCode;
  readonly remedy: string;

  constructor(code: ErrorCode, message: string, options: { remedy: string; cause?: unknown }) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause });
    this.name = 'PipelineError';
    this.code = code;
    this.remedy = options.remedy;
  }
}

/** One sentence for a log line or a terminal, remedy included; of foreign errors without the data that they quote. */
export function describeError(error: unknown): string {
  if (error instanceof PipelineError) return `${error.message} ${error.remedy}`;
  if (error instanceof AggregateError && error.message === '')
    return error.errors.map(describeError).join('; ');
  return Error.isError(error) ? safeMessage(error) : String(error);
}
