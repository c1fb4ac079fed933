import type { ConnectorConfig } from '../../connect/connector-file.ts';
import { readSaves, type ConnectorSave } from './connector-saves.ts';
import type { OperatedConnector } from '../operated-pipeline.ts';

/**
 * The settings under which a connector that Connect does not have (any more) stood last, as far as its saves tell; undefined when it
 * has none. Its offsets and its slot may still be there, and what it has said is in the topics: a connector created under this name
 * goes on from there.
 */
export async function readLastKnownConfig({
  file,
  service,
}: OperatedConnector): Promise<ConnectorConfig | undefined> {
  if (service === undefined) return undefined;
  return lastKnownConfig(await readSaves(service.pool, file.name), file.config);
}

const APPLY = 'apply: ';

/** @param saves the newest first */
export function lastKnownConfig(
  saves: readonly ConnectorSave[],
  wanted: ConnectorConfig,
): ConnectorConfig | undefined {
  const [newest] = saves;
  if (newest === undefined) return undefined;
  const rolledBackTo = /^rollback to save (\d+)$/.exec(newest.reason)?.[1];
  if (rolledBackTo !== undefined) return (saves.find(({ id }) => id === rolledBackTo) ?? newest).config;
  if (!newest.reason.startsWith(APPLY)) return newest.config;
  // Saved before these were changed: what they became stands nowhere but, most likely, in the file.
  const changed = newest.reason.slice(APPLY.length).split(', ');
  const kept = Object.entries(newest.config).filter(([key]) => !changed.includes(key));
  const became = Object.entries(wanted).filter(([key]) => changed.includes(key));
  return Object.fromEntries([...kept, ...became]);
}
