import type { ServiceProcess } from '../../support/service-process.ts';
import type { RunningArm } from './arm.ts';
import type { Cleanup } from './cleanup.ts';

/** The service at the door of an arm, which may be killed and started again. */
export interface OrdersProcess {
  withArm(others: Readonly<Record<string, number>>, cleanup: Cleanup): RunningArm;
}

export async function startOrders(
  start: () => Promise<ServiceProcess>,
  cleanup: Cleanup,
): Promise<OrdersProcess> {
  let service = await start();
  cleanup.add(() => service.end('SIGTERM'));
  return {
    withArm: (others, all) => ({
      get ordersUrl() {
        return service.url;
      },
      get pids() {
        return { orders: service.pid, ...others };
      },
      async killOrders() {
        await service.end('SIGKILL');
      },
      async restartOrders() {
        service = await start();
      },
      stop: () => all.run(),
    }),
  };
}
