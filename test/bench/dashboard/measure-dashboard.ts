import { setTimeout as delay } from 'node:timers/promises';
import { readTopicEnds } from '../../../src/platform/kafka/read-topic-ends.ts';
import { testKafka } from '../../support/test-stack.ts';
import type { TestPipeline } from '../../support/test-pipeline.ts';
import { CpuMeter } from '../cpu-meter.ts';
import type { OpenPage, PageThread } from './open-page.ts';

/** Shares are of one core: 0.05 is 5 %. */
export interface Measurement {
  readonly eventsPerSecond: number;
  /** By process; undefined where the system has no /proc. */
  readonly shares: Readonly<Record<string, number>> | undefined;
  readonly busyElsewhere: number | undefined;
  /** Of the page's own thread; undefined without a browser. */
  readonly page: PageThread | undefined;
}

export interface Measured {
  readonly pipeline: TestPipeline;
  readonly dashboardPid: number;
  readonly page: OpenPage | undefined;
}

/** What everything costs for so many seconds, from now. */
export async function measureDashboard(
  { pipeline, dashboardPid, page }: Measured,
  seconds: number,
): Promise<Measurement> {
  const pids = {
    dashboard: dashboardPid,
    ...(page !== undefined && { browser: page.pid }),
    'orders service': pipeline.service('orders').pid,
    'inventory service': pipeline.service('inventory').pid,
    'sales service': pipeline.service('sales').pid,
  };
  const [endsBefore, threadBefore] = [await countEvents(pipeline), await page?.thread()];
  const began = performance.now();
  const meter = new CpuMeter(pids);
  await delay(seconds * 1_000);
  const { cpu, busyElsewhere } = meter.read(pids);
  const took = (performance.now() - began) / 1_000;
  const [endsAfter, threadAfter] = [await countEvents(pipeline), await page?.thread()];
  const shares =
    cpu === undefined
      ? undefined
      : Object.fromEntries(Object.entries(cpu).map(([name, spent]) => [name, spent / took]));
  return {
    eventsPerSecond: (endsAfter - endsBefore) / took,
    shares,
    busyElsewhere,
    page:
      threadBefore === undefined || threadAfter === undefined
        ? undefined
        : shareOf(threadBefore, threadAfter, took),
  };
}

/** In the two topics that the dashboard follows. */
async function countEvents({ topicPrefix }: TestPipeline): Promise<number> {
  const topics = ['orders.events', 'inventory.events'].map((topic) => topicPrefix + topic);
  const ends = await readTopicEnds(testKafka(), topics);
  return [...ends.values()].flatMap((of) => [...of.values()]).reduce((sum, end) => sum + end, 0);
}

function shareOf(before: PageThread, after: PageThread, seconds: number): PageThread {
  const share = (part: keyof PageThread): number => (after[part] - before[part]) / seconds;
  return { all: share('all'), script: share('script'), style: share('style'), layout: share('layout') };
}
