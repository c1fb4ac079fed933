/** All that a stack may have; `kafka-2`, `kafka-3` and `connect-2` only where their ports are set (cluster-parts.ts). */
export const resourceNames = [
  'postgres',
  'kafka',
  'kafka-2',
  'kafka-3',
  'registry',
  'connect',
  'connect-2',
] as const;

export type ResourceName = (typeof resourceNames)[number];

/** One part of the stack: a detached process with a pid file, a log file and, mostly, data. */
export interface Resource {
  readonly name: ResourceName;
  /** Parts that must be healthy before this one starts. */
  readonly needs: readonly ResourceName[];
  readonly port: number;
  readonly logFile: string;
  /** Starts it unless it runs, and waits until it is healthy. Throws StackError. */
  up(): Promise<UpResult>;
  /** True when our process runs and answers a real request. Never throws. */
  isHealthy(): Promise<boolean>;
  /** Stops it, politely and then not; harmless when it does not run. */
  down(): Promise<void>;
  /** The pid, when it is a live process that this stack started. */
  pid(): number | undefined;
}

export type UpResult = 'started' | 'was running';

export type ReportState =
  'fetching' | 'starting' | 'ready' | 'was running' | 'stopping' | 'stopped' | 'failed' | 'note';

/** Progress, for whoever shows it. Seconds are those since the part's first report. */
export interface ProgressReport {
  readonly part: string;
  readonly state: ReportState;
  readonly seconds?: number;
  readonly note?: string;
}

export type Report = (progress: ProgressReport) => void;
