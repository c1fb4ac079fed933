import type { Arm } from '../arm.ts';
import { debeziumDefaults, ours } from './debezium-arm.ts';
import { dualWrite } from './dual-write-arm.ts';
import { listenerArms } from './listener-arm.ts';
import { pollingArms } from './polling-arm.ts';

/** All of them, in the order of the report. */
export const arms: readonly Arm[] = [ours, debeziumDefaults, ...pollingArms, ...listenerArms, dualWrite];

/** Compared unless others are asked for; the rest of the polling arms differ in batch and interval only. */
export const usualArms: readonly string[] = [
  'ours',
  'debezium-defaults',
  'polling-delete-500-10',
  'polling-mark-500-10',
  'pg-transactional-outbox',
  'pg-transactional-outbox-tuned',
  'dual-write',
];

/** `polling` stands for all that begin so. @returns undefined for a name that stands for none */
export function armsNamed(name: string): readonly Arm[] | undefined {
  const found = arms.filter((arm) => arm.name === name || arm.name.startsWith(`${name}-`));
  const exact = found.filter((arm) => arm.name === name);
  return found.length === 0 ? undefined : exact.length > 0 ? exact : found;
}
