import { rebuildByApplying, type RebuildDefinition } from '../consumer/rebuild/define-rebuild.ts';
import { salesConsumer } from './sales-consumer.ts';

/** Sales says nothing to others: its events are simply counted again. */
export const salesRebuild: RebuildDefinition = rebuildByApplying(salesConsumer);
