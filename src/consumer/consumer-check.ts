import type { CheckResult } from '../platform/http/health-routes.ts';
import type { RunningConsumer } from './run-consumer.ts';

/** For /healthz/pipeline: which partitions this instance reads. With more instances than partitions one idles by right. */
export function consumerCheck(
  running: () => Pick<RunningConsumer, 'assignment' | 'isIdle'> | undefined,
): () => CheckResult {
  return () => {
    const consumer = running();
    const partitions = consumer?.assignment() ?? [];
    if (partitions.length > 0) return { ok: true, detail: `reads partitions ${partitions.join(', ')}` };
    return consumer?.isIdle() === true
      ? { ok: true, detail: 'idle: the other instances of its group have all partitions' }
      : { ok: false, detail: 'is not in its group: it joins, or Kafka is away' };
  };
}
