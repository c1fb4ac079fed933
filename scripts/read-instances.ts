import { parseArgs } from 'node:util';

export const INSTANCES_USAGE = `usage: npm start -- [--instances N | --instances SERVICE=N ...]
  --instances 2             every service twice
  --instances inventory=4   that service four times, the others once
More instances of a service than its topic has partitions are idle until one of the others ends.`;

/** More than any machine here would bear is a slip of the finger. */
const MOST_INSTANCES = 64;

/** How many processes of each service are asked for; a sentence when that can't be understood. The last word counts. */
export function readInstances(
  words: readonly string[],
  services: readonly string[],
): ReadonlyMap<string, number> | string {
  const counts = new Map(services.map((service) => [service, 1]));
  for (const wish of wishesOf(words) ?? ['?']) {
    const [, service, digits = ''] = /^(?:([^=]*)=)?(\d{1,3})$/.exec(wish) ?? [];
    const count = Number(digits);
    if (count < 1 || count > MOST_INSTANCES) return INSTANCES_USAGE;
    if (service !== undefined && !counts.has(service))
      return `There is no service ${service}, only ${services.join(', ')}.`;
    for (const each of service === undefined ? services : [service]) counts.set(each, count);
  }
  return counts;
}

function wishesOf(words: readonly string[]): readonly string[] | undefined {
  try {
    const { values } = parseArgs({
      args: [...words],
      options: { instances: { type: 'string', multiple: true } },
    });
    return values.instances ?? [];
  } catch {
    return undefined;
  }
}
