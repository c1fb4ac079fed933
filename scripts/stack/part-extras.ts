import type { KafkaAccess } from '../../src/platform/kafka/kafka-access.ts';
import type { Settings } from './settings.ts';

/** What parts are told over the ordinary, for a stack of another kind, such as an encrypted one. */
export interface PartExtras {
  /** As `postgres -c name=value`. */
  readonly postgres?: Settings;
  /** In server.properties. */
  readonly kafka?: Settings;
  /** Words for the formatting of its storage, such as `--add-scram`. */
  readonly kafkaFormat?: readonly string[];
  /** How the stack itself gets in at the broker, where that is not by plain text. */
  readonly kafkaAccess?: KafkaAccess;
  /** In worker.properties. */
  readonly connect?: Settings;
  /** In its environment. */
  readonly registry?: Settings;
}
