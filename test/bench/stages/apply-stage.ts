import { measureRun } from '../apply/measure-run.ts';
import { openFilledTopics } from '../apply/open-filled-topics.ts';
import type { Stage, StageFigures, StageOptions } from './stage.ts';

export const applyStage: Stage = {
  name: 'apply',
  describes:
    'the inventory applies the orders of a full topic, as in `npm run bench -- apply`, from its first commit to its last; nobody reads its outbox. ' +
    'Its CPU is that of its start, too',
  measure: measureApply,
};

async function measureApply({ orders, seed }: StageOptions, stopping: AbortSignal): Promise<StageFigures> {
  const stream = { orders, customers: 30_000, skus: 1_000, seed };
  const topicPrefix = await openFilledTopics(stream);
  const options = { ...stream, repeats: 1, streaming: false };
  const { ordersPerSecond, cpu, busyElsewhere } = await measureRun(topicPrefix, options, stopping);
  return { perSecond: ordersPerSecond, events: orders, cpu, busyElsewhere };
}
