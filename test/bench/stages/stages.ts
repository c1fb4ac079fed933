import { InvalidArgumentError } from 'commander';
import { applyStage } from './apply-stage.ts';
import { consumeStage } from './consume-stage.ts';
import { debeziumStage } from './debezium-stage.ts';
import { decodeStage } from './decode-stage.ts';
import { httpStages } from './http-stages.ts';
import type { Stage } from './stage.ts';

/** In the order of an order's way. */
export const stages: readonly Stage[] = [...httpStages, decodeStage, debeziumStage, consumeStage, applyStage];

/** Those that together are the way from the request to the stock: each of the others is a part of one of them. */
export const wayOfAnOrder: readonly string[] = ['commit', 'debezium', 'apply'];

/** Names of stages as one option. */
export function stageList(text: string): string[] {
  const names = stages.map(({ name }) => name);
  const given = text.split(',');
  const unknown = given.find((name) => !names.includes(name));
  if (unknown !== undefined)
    throw new InvalidArgumentError(`There is no stage ${unknown}. There are: ${names.join(', ')}.`);
  return given;
}
