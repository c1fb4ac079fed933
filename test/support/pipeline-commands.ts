import { spawn } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { runOutbox, type Ended } from './run-outbox.ts';
import type { TestPipeline } from './test-pipeline.ts';
import { testStackEnv } from './test-stack.ts';

/** The command line of a test pipeline, as a person would use it. */
export interface PipelineCommands {
  outbox(words: readonly string[], env?: Record<string, string>): Promise<Ended>;
  /** The same as a process, for `watch`. Whoever starts it ends it. */
  start(words: readonly string[]): ChildProcess;
  close(): void;
}

const readsFolder = ([noun]: readonly string[]): boolean =>
  noun !== undefined && ['connectors', 'audit', 'trace', 'doctor'].includes(noun);

export function commandsOf(pipeline: TestPipeline): PipelineCommands {
  const { topicPrefix, databases, connectors } = pipeline;
  const folder = mkdtempSync(join(tmpdir(), 'connectors-'));
  // The prefix comes from TOPIC_PREFIX, as for anybody; only the files on disk are without it.
  const withoutPrefix = (value: string): string =>
    value.startsWith(topicPrefix) ? value.slice(topicPrefix.length) : value;
  for (const { name, config } of connectors) {
    const values = Object.entries(config).map(([key, value]) => [key, withoutPrefix(value)]);
    writeFileSync(
      join(folder, `${name}.json`),
      JSON.stringify({ name, config: Object.fromEntries(values) as unknown }),
    );
  }
  const addresses = Object.entries(databases).flatMap(([service, database]) => {
    const prefix = service.toUpperCase();
    return [
      [`${prefix}_DATABASE_URL`, database.appUrl],
      [`${prefix}_OWNER_DATABASE_URL`, database.ownerUrl],
      [`${prefix}_OPS_DATABASE_URL`, database.opsUrl],
      [`${prefix}_AUDIT_DATABASE_URL`, database.auditUrl],
      [`${prefix}_REPAIR_DATABASE_URL`, database.repairUrl ?? ''],
    ];
  });
  const here: Record<string, string> = {
    ...testStackEnv(),
    ...(Object.fromEntries(addresses) as Record<string, string>),
    TOPIC_PREFIX: topicPrefix,
    PATH: process.env['PATH'] ?? '',
  };
  const withFolder = (words: readonly string[]): readonly string[] =>
    readsFolder(words) ? [...words, '--dir', folder] : words;
  return {
    outbox: (words, env = {}) => runOutbox(withFolder(words), { ...here, ...env }),
    start: (words) => spawn(process.execPath, ['src/cli/outbox.ts', ...withFolder(words)], { env: here }),
    close: () => {
      rmSync(folder, { recursive: true, force: true });
    },
  };
}
