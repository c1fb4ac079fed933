import type { CheckResult } from '../platform/http/health-routes.ts';
import type { RunningConsumer } from './run-consumer.ts';

/** For /healthz/pipeline: which partitions this instance reads. With more instances than partitions one idles by right. */
export function consumerCheck(running: () => RunningConsumer | undefined): () => CheckResult {
  return () => {
    const partitions = running()?.assignment() ?? [];
    return partitions.length > 0
      ? { ok: true, detail: `reads partitions ${partitions.join(', ')}` }
      : { ok: false, detail: 'has no partition: Kafka is away or other instances have all' };
  };
}
