/** How an arm tells its relay, in RELAY, what to do. */
export interface RelayEnvironment<Settings> {
  readonly databaseUrls: readonly string[];
  readonly brokers: readonly string[];
  readonly topicPrefix: string;
  readonly settings: Settings;
}

export function relayEnvironment<Settings>(env: NodeJS.ProcessEnv): RelayEnvironment<Settings> {
  const text = env['RELAY'];
  if (text === undefined) throw new Error('RELAY is not set: the bench starts this process.');
  return JSON.parse(text) as RelayEnvironment<Settings>;
}
