import { Gauge, type Registry } from 'prom-client';
import { probeAgeMs } from './judge-probes.ts';
import type { Probing } from './keep-probing.ts';
import { hopsOf } from './probe-times.ts';

/** Adds to a service's metrics how old the newest probe is and how long its hops took. */
export function measureProbes(registry: Registry, probing: Probing): void {
  const { connector } = probing;
  new Gauge({
    name: 'probe_age_seconds',
    help: 'Seconds since the newest probe that came out of Kafka was sent; since the start, until one has',
    labelNames: ['connector'] as const,
    registers: [registry],
    collect() {
      this.set({ connector }, probeAgeMs(probing.seen(), Date.now()) / 1_000);
    },
  });
  new Gauge({
    name: 'probe_hop_seconds',
    help: 'Seconds that the newest probe took for each hop',
    labelNames: ['connector', 'hop'] as const,
    registers: [registry],
    collect() {
      const { newest } = probing.seen();
      if (newest === undefined) return;
      for (const [hop, ms] of Object.entries(hopsOf(newest))) this.set({ connector, hop }, ms / 1_000);
    },
  });
}
