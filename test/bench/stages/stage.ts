import type { CpuReading } from '../cpu-meter.ts';

/** One part of an order's way, with nothing else to do on the machine. */
export interface Stage {
  readonly name: string;
  /** For the report, after the name. */
  readonly describes: string;
  readonly measure: (options: StageOptions, stopping: AbortSignal) => Promise<StageFigures>;
}

export interface StageOptions {
  /** Of the stages that work off a backlog. */
  readonly orders: number;
  /** How long those last that take requests. */
  readonly seconds: number;
  readonly seed: number;
}

/** An event is a request, or an order. */
export interface StageFigures extends CpuReading {
  readonly perSecond: number;
  /** To which `cpu` belongs. */
  readonly events: number;
}
