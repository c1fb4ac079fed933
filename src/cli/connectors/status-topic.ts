/** Where the workers write what they say of their connectors: their `status.storage.topic`. */
export function statusTopic(env: Readonly<Record<string, string>>): string {
  return env['CONNECT_STATUS_TOPIC'] ?? 'connect-status';
}
