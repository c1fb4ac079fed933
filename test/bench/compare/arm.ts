import type { BenchShop } from './bench-shop.ts';

/** A way to get what the services said from their databases into Kafka. */
export interface Arm {
  readonly name: string;
  /** One line for the report: what runs, with which settings. */
  readonly describes: string;
  /** Whether what the inventory answers gets to Kafka too, and orders are settled. */
  readonly settles: boolean;
  /** Starts it with its services. What it started is gone after `stop`, and when it throws. */
  start(shop: BenchShop): Promise<RunningArm>;
}

export interface RunningArm {
  /** Another one after a restart, as are the processes. */
  readonly ordersUrl: string;
  /** Its processes; the stack's own are known. */
  readonly pids: Readonly<Record<string, number>>;
  /** kill -9 of the service that takes the orders. */
  killOrders(): Promise<void>;
  restartOrders(): Promise<void>;
  /** Events wait in the database until it goes on. @throws Error for an arm without a relay */
  pauseRelay(): Promise<void>;
  resumeRelay(): Promise<void>;
  stop(): Promise<void>;
}
