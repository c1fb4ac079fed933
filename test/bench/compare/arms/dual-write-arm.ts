import type { Arm, RunningArm } from '../arm.ts';
import type { BenchShop } from '../bench-shop.ts';
import { Cleanup } from '../cleanup.ts';
import { startOrders } from '../start-orders.ts';

/** What most begin with. It is quick, and `npm run bench -- kill` shows what it loses. */
export const dualWrite: Arm = {
  name: 'dual-write',
  describes:
    'no outbox: the order is committed, then its event is sent by kafkajs with acks -1, then HTTP is answered; loses events (below), and answers of the inventory are not told',
  settles: false,
  start: startDualWrite,
};

async function startDualWrite(shop: BenchShop): Promise<RunningArm> {
  const cleanup = new Cleanup();
  return cleanup.guard(async () => {
    const main = 'test/bench/compare/relays/dual-write-main.ts';
    const orders = await startOrders(() => shop.startService('orders', {}, main), cleanup);
    const inventory = await shop.startService('inventory');
    cleanup.add(() => inventory.end('SIGTERM'));
    const none = (): Promise<never> => Promise.reject(new Error('dual-write has no relay that could wait.'));
    return orders.withArm({ pids: {}, pauseRelay: none, resumeRelay: none }, inventory, cleanup);
  });
}
