// Generated from schemas/pipeline.probe by `npm run generate`. Do not edit.

/** Nothing happened: somebody wants to see how long an event takes through a connector. */
export interface ProbeSent {
  /** The connector that it goes through. */
  readonly connector: string;
  /** Who sent it: a service, or a command. */
  readonly sender: string;
  /** When, just before the transaction (UTC). */
  readonly sentAt: number;
}

/** Every event type of pipeline.probe and its payload. */
export interface PipelineProbe {
  readonly ProbeSent: ProbeSent;
}

/** The version of each schema that this build writes. */
export const pipelineProbeVersions = {
  ProbeSent: 1,
} as const;

