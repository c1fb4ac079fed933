/** True for what kafkajs throws when the broker knows no such topic, however often it asked again before. */
export function isUnknownTopic(error: unknown): boolean {
  if (!Error.isError(error)) return false;
  if ('type' in error && error.type === 'UNKNOWN_TOPIC_OR_PARTITION') return true;
  return isUnknownTopic(error.cause);
}
