/** What can be wrong between a connector and the log it reads. */
export type FindingCode =
  | 'connector_missing'
  | 'held_back'
  | 'task_failed'
  | 'publication_missing'
  | 'publication_wrong'
  | 'slot_missing'
  | 'slot_lost'
  | 'slot_held'
  | 'slot_ahead'
  | 'offsets_missing'
  | 'snapshot_running'
  | 'server_changed'
  | 'timeline_changed';

/**
 * How it is mended: `resnapshot` stops the connector, drops its slot, resets its offsets and resumes it, so that Debezium says every
 * retained outbox row again, in id order. `none`: a person must decide, the sentence says what.
 */
export type Mend = 'resnapshot' | 'publication' | 'restart' | 'end_reader' | 'none';

export interface Finding {
  readonly code: FindingCode;
  /** What is so and what it means, in one sentence for a person. */
  readonly sentence: string;
  readonly mend: Mend;
}
