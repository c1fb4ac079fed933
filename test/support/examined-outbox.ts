import { openPipeline, type OpenPipeline } from '../../src/open-pipeline.ts';
import { runDoctor } from '../../src/operate/doctor/run-doctor.ts';
import { examine, type ExaminedSection, type Section } from '../../src/operate/doctor/section.ts';
import type { OperatedPipeline, OperatedService } from '../../src/operate/operated-pipeline.ts';
import { silentLog } from '../../src/platform/log.ts';
import { createOperatedOutbox, type OperatedOutbox } from './operated-outbox.ts';

/** An outbox and its part of the pipeline, as the doctor sees it. */
export interface ExaminedOutbox {
  readonly outbox: OperatedOutbox;
  /** With the service of the outbox alone: the others' databases are templates, to which no test connects. */
  readonly pipeline: OperatedPipeline;
  readonly service: OperatedService;
  /** All that the whole doctor finds wrong, with these parts of the pipeline instead. */
  findings(changes?: Partial<OperatedPipeline>): Promise<string[]>;
  close(): Promise<void>;
}

export const internalTopics = {
  configs: 'connect-configs',
  offsets: 'connect-offsets',
  status: 'connect-status',
} as const;

export async function createExaminedOutbox(): Promise<ExaminedOutbox> {
  const outbox = await createOperatedOutbox();
  const opened = await openPipeline(
    { env: outbox.env, log: silentLog },
    { dir: outbox.folder, retryForMs: 5_000 },
  );
  const pipeline = onlyOrders(opened);
  const [service] = pipeline.services;
  if (service === undefined) throw new Error('There is no service orders.');
  return {
    outbox,
    pipeline,
    service,
    findings: async (changes = {}) =>
      wrongLines(await runDoctor({ ...pipeline, ...changes }, { internalTopics, now: new Date() })),
    async close() {
      await opened.close();
      await outbox.close();
    },
  };
}

/** All that one section finds wrong. */
export async function findingsOf<Part>(section: Section<Part>): Promise<string[]> {
  return wrongLines([await examine(section)]);
}

/** `problem publication: …`; what other test files do to the shared server is left out. */
export function wrongLines(sections: readonly ExaminedSection[]): string[] {
  return sections
    .flatMap(({ lines }) => lines)
    .filter(({ verdict, check }) => verdict !== 'ok' && !['other slots', 'long transactions'].includes(check))
    .map(({ verdict, check, sentence }) => `${verdict} ${check}: ${sentence}`);
}

function onlyOrders(opened: OpenPipeline): OperatedPipeline {
  return { ...opened, services: opened.services.filter(({ name }) => name === 'orders') };
}
