import type { ServiceProcess } from '../../support/service-process.ts';
import type { RunningArm } from './arm.ts';
import type { Cleanup } from './cleanup.ts';

/** What the arm says of its relay. */
export type PausableRelay = Pick<RunningArm, 'pauseRelay' | 'resumeRelay'> & {
  readonly pids: Readonly<Record<string, number>>;
};

/** The service at the door of an arm, which may be killed and started again. */
export interface OrdersProcess {
  withArm(relay: PausableRelay, inventory: ServiceProcess, cleanup: Cleanup): RunningArm;
}

export async function startOrders(
  start: () => Promise<ServiceProcess>,
  cleanup: Cleanup,
): Promise<OrdersProcess> {
  let service = await start();
  cleanup.add(() => service.end('SIGTERM'));
  return {
    withArm: (relay, inventory, all) => ({
      get ordersUrl() {
        return service.url;
      },
      get pids() {
        return { orders: service.pid, inventory: inventory.pid, ...relay.pids };
      },
      async killOrders() {
        await service.end('SIGKILL');
      },
      async restartOrders() {
        service = await start();
      },
      pauseRelay: () => relay.pauseRelay(),
      resumeRelay: () => relay.resumeRelay(),
      stop: () => all.run(),
    }),
  };
}
