import type { HealReport } from '../../src/operate/heal/heal-connector.ts';
import { waitInStorm } from './storm.ts';
import type { Storm } from './storm.ts';

/** So long may a part still be on its way back. */
const WITHIN_MS = 240_000;

/**
 * `outbox connectors heal`, again until all of them are healthy, as an operator would. @returns what it found
 * @throws when they do not become healthy: then something can not be healed
 */
export async function healConnectors(storm: Storm, timeoutMs = WITHIN_MS): Promise<string> {
  const found: string[] = [];
  await waitInStorm(
    storm,
    async () => {
      const words = ['connectors', 'heal', '--json', '--timeout', '90s'];
      const { code, stdout, stderr } = await storm.commands.outbox(words);
      if (stdout.startsWith('{')) {
        const { connectors } = JSON.parse(stdout) as { connectors: HealReport[] };
        const news = connectors.flatMap((one) => one.news);
        found.push(...news.flatMap((one) => (one.kind === 'found' ? [one.finding.code] : [])));
      }
      if (code !== 0) throw new Error(`heal ended with ${code}: ${stdout} ${stderr}`);
      return true;
    },
    { timeoutMs, everyMs: 2_000, what: 'all connectors to be healthy' },
  );
  return found.length === 0 ? 'nothing' : [...new Set(found)].join(', ');
}
