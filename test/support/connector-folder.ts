import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { ConnectorFile } from '../../src/connect/connector-file.ts';

/**
 * A folder with these connectors as files, for what reads files. They are written as they are without TOPIC_PREFIX, which whoever
 * reads them puts in front again.
 */
export function connectorFolder(
  connectors: readonly ConnectorFile[],
  topicPrefix: string,
): { readonly path: string; remove(): void } {
  const path = mkdtempSync(join(tmpdir(), 'connectors-'));
  for (const { name, config } of connectors) {
    const without = (key: string): Record<string, string> => ({
      [key]: (config[key] ?? '').replace(topicPrefix, ''),
    });
    const onDisk = {
      ...config,
      ...without('topic.heartbeat.prefix'),
      ...without('transforms.outbox.route.topic.replacement'),
    };
    writeFileSync(join(path, `${name}.json`), JSON.stringify({ name, config: onDisk }));
  }
  return { path, remove: () => rmSync(path, { recursive: true, force: true }) };
}
