/** kafkajs errors carry their kind in `name` and `type`, and wrap each other by `cause`. */
interface KafkaJsError extends Error {
  readonly type?: string;
  readonly retriable?: boolean;
}

/** Kinds that kafkajs gives up on but that a broker coming back cures. */
const UNREACHABLE = new Set([
  'KafkaJSNoBrokerAvailableError',
  'KafkaJSConnectionError',
  'KafkaJSConnectionClosedError',
  'KafkaJSRequestTimeoutError',
  'KafkaJSBrokerNotFound',
  'KafkaJSGroupCoordinatorNotFound',
  'KafkaJSMetadataNotLoaded',
  'KafkaJSTopicMetadataNotLoaded',
  'KafkaJSLockTimeout',
]);

/** True when the topic itself is missing: no broker coming back will cure that. */
export function isTopicMissing(error: unknown): boolean {
  return chain(error).some((one) => one.type === 'UNKNOWN_TOPIC_OR_PARTITION');
}

export function isKafkaError(error: unknown): boolean {
  return chain(error).some(fromKafkaJs);
}

/** True when Kafka can't be reached or asks to be asked again. */
export function isTransientKafkaError(error: unknown): boolean {
  const errors = chain(error).filter(fromKafkaJs);
  return errors.some((one) => UNREACHABLE.has(one.name) || one.retriable === true);
}

const fromKafkaJs = (error: Error): boolean => error.name.startsWith('KafkaJS');

function chain(error: unknown): KafkaJsError[] {
  const found: KafkaJsError[] = [];
  for (let one = error; one instanceof Error && !found.includes(one); one = one.cause) found.push(one);
  return found;
}
