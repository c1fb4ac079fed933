import { setTimeout as delay } from 'node:timers/promises';
import { sqlState } from '../../platform/postgres/postgres-errors.ts';

const TRIES = 10;
/** lock_timeout, deadlock, a conflict with another transaction. */
const IN_THE_WAY = ['55P03', '40P01', '40001'];

/** Tries again what other transactions stood in the way of, a little later each time; what else goes wrong is thrown at once. */
export async function retryInTheWay<T>(work: () => Promise<T>): Promise<T> {
  for (let attempt = 1; ; attempt++)
    try {
      return await work();
    } catch (error) {
      if (attempt === TRIES || !IN_THE_WAY.includes(sqlState(error) ?? '')) throw error;
      await delay(100 * attempt);
    }
}
