import type { ArmWindow } from './summarise-windows.ts';

export interface ComputedLimit {
  readonly arm: string;
  /** The rate at which the costs were measured. */
  readonly rate: number;
  /** CPU seconds an order takes of everything, the load generator included: it runs on the same cores. */
  readonly cpuPerOrder: number;
  /** Orders a second that the cores allow. */
  readonly byCores: number;
  /** The process with one thread that an order keeps busy longest, and what it alone allows. */
  readonly slowest: string;
  readonly bySlowest: number;
  readonly limit: number;
}

/** Share of the cores that can be used: the rest is the system's. */
const USABLE = 0.9;
const SINGLE_THREADED = ['orders', 'inventory', 'relay', 'load generator'];

/**
 * What an arm could do at most on these cores if each order cost what it cost in these windows: cores x 0.9 / CPU seconds an order,
 * and 1 / seconds an order of the slowest process with one thread. Batches grow with the rate and make orders cheaper, so the highest rate
 * that was held is the one to take; and what is measured beyond it may pass the limit.
 */
export function computedLimit(windows: readonly ArmWindow[], cores: number): ComputedLimit | undefined {
  const held = windows.filter(({ stages, cpu }) => stages !== undefined && cpu !== undefined);
  const rate = Math.max(...held.map((window) => window.rate));
  const runs = held.filter((window) => window.rate === rate);
  const [first] = runs;
  if (first === undefined) return undefined;
  const orders = runs.reduce((sum, run) => sum + run.orders, 0);
  const names = Object.keys(first.cpu ?? {});
  const costs = names.map((name) => ({
    name,
    seconds: runs.reduce((sum, { cpu }) => sum + (cpu?.[name] ?? 0), 0) / orders,
  }));
  const cpuPerOrder = costs.reduce((sum, { seconds }) => sum + seconds, 0);
  const [slowest = { name: 'none', seconds: 0 }] = costs
    .filter(({ name }) => SINGLE_THREADED.includes(name))
    .toSorted((a, b) => b.seconds - a.seconds);
  const byCores = (cores * USABLE) / cpuPerOrder;
  const bySlowest = 1 / slowest.seconds;
  return {
    arm: first.arm,
    rate,
    cpuPerOrder,
    byCores,
    slowest: slowest.name,
    bySlowest,
    limit: Math.min(byCores, bySlowest),
  };
}
