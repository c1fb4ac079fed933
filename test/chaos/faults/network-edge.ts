import type { ProxyMode } from '../../support/tcp-proxy.ts';
import type { Fault } from '../fault.ts';
import { edges } from '../storm.ts';
import type { Edge } from '../storm.ts';

const modes: readonly Exclude<ProxyMode, 'pass'>[] = ['cut', 'slow', 'reset', 'half-open'];

const spoil = (edge: Edge, mode: Exclude<ProxyMode, 'pass'>): Fault => ({
  name: `net-${edge}-${mode}`,
  what: `the network between ${edge.replace('-', ' and ')} is ${mode}, then whole again`,
  holdMs: [500, 8_000],
  weight: 1,
  async strike(storm, { holdMs }) {
    storm.edges[edge].become(mode);
    try {
      await storm.hold(holdMs);
    } finally {
      storm.edges[edge].become('pass');
    }
    return `${mode} for ${holdMs} ms`;
  },
});

export const networkFaults: readonly Fault[] = edges.flatMap((edge) =>
  modes.map((mode) => spoil(edge, mode)),
);
