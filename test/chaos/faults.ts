import { clientNetworkFaults } from './faults/client-network.ts';
import { clockFaults } from './faults/clock-jump.ts';
import { crashFaults } from './faults/crash-point.ts';
import { databaseFaults } from './faults/database-faults.ts';
import { fullDiskFaults } from './faults/full-disk.ts';
import { instanceFaults } from './faults/instance-faults.ts';
import { killFaults } from './faults/kill-part.ts';
import { positionFaults } from './faults/lost-position.ts';
import { schemaFaults } from './faults/forced-schema.ts';
import { transactionFaults } from './faults/large-transaction.ts';
import { logFaults } from './faults/lost-log.ts';
import { networkFaults } from './faults/network-edge.ts';
import { pauseFaults } from './faults/pause-part.ts';
import { topicFaults } from './faults/topic-faults.ts';
import type { Fault } from './fault.ts';

/** All of them, in the order in which they are listed. A seed draws from this list: a change of it changes every schedule. */
export const faults: readonly Fault[] = [
  ...killFaults,
  ...pauseFaults,
  ...crashFaults,
  ...positionFaults,
  ...topicFaults,
  ...instanceFaults,
  ...logFaults,
  ...schemaFaults,
  ...databaseFaults,
  ...transactionFaults,
  ...fullDiskFaults,
  ...clockFaults,
  ...networkFaults,
  ...clientNetworkFaults,
];
