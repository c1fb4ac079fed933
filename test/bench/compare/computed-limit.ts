import type { ArmWindow } from './summarise-windows.ts';

export interface CostLimit {
  /** CPU seconds an order takes of everything, the load generator included: it runs on the same cores. */
  readonly cpuPerOrder: number;
  /** Orders a second that the cores allow. */
  readonly byCores: number;
  /** The process with one thread that an order keeps busy longest, and what it alone allows. */
  readonly slowest: string;
  readonly bySlowest: number;
  readonly limit: number;
}

export interface ComputedLimit extends CostLimit {
  readonly arm: string;
  /** The rate at which the costs were measured. */
  readonly rate: number;
}

/** Share of the cores that can be used: the rest is the system's. */
const USABLE = 0.9;
const SINGLE_THREADED = ['orders', 'inventory', 'relay', 'consumer', 'load generator'];

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
  const costs = names.map((name) => [
    name,
    runs.reduce((sum, { cpu }) => sum + (cpu?.[name] ?? 0), 0) / orders,
  ]);
  return { arm: first.arm, rate, ...limitOf(Object.fromEntries(costs) as Record<string, number>, cores) };
}

/** The same for costs that were measured in some other way. @param costs CPU seconds an order, by process */
export function limitOf(costs: Readonly<Record<string, number>>, cores: number): CostLimit {
  const cpuPerOrder = Object.values(costs).reduce((sum, seconds) => sum + seconds, 0);
  const [[slowest, seconds] = ['none', 0]] = Object.entries(costs)
    .filter(([name]) => SINGLE_THREADED.includes(name))
    .toSorted(([, a], [, b]) => b - a);
  const byCores = (cores * USABLE) / cpuPerOrder;
  const bySlowest = 1 / seconds;
  return { cpuPerOrder, byCores, slowest, bySlowest, limit: Math.min(byCores, bySlowest) };
}
