import { resourceNames, type ResourceName } from './resource.ts';

export interface Arguments {
  readonly command: 'up' | 'down' | 'status' | 'logs';
  readonly part: ResourceName | undefined;
  readonly flags: ReadonlySet<string>;
  readonly lines: number;
}

const allowedFlags = { up: ['--yes'], down: ['--wipe'], status: [], logs: ['-f'] } as const;

/** Undefined for anything we do not understand: then usage is printed. */
export function parseArguments(words: readonly string[]): Arguments | undefined {
  const rest = [...words];
  const at = rest.indexOf('-n');
  const [, lineText] = at === -1 ? [undefined, '20'] : rest.splice(at, 2);
  const flags = new Set(rest.filter((word) => word.startsWith('-')));
  const [command, part, ...more] = rest.filter((word) => !word.startsWith('-'));
  const lines = Number(lineText);
  if (!isCommand(command) || more.length > 0 || !Number.isInteger(lines) || lines < 1) return undefined;
  if (part !== undefined && (!isPart(part) || command === 'status')) return undefined;
  if (at !== -1 && command !== 'logs') return undefined;
  if ([...flags].some((flag) => !(allowedFlags[command] as readonly string[]).includes(flag)))
    return undefined;
  if (part !== undefined && flags.has('--wipe')) return undefined;
  return { command, part, flags, lines };
}

function isCommand(word: string | undefined): word is Arguments['command'] {
  return word === 'up' || word === 'down' || word === 'status' || word === 'logs';
}

function isPart(word: string): word is ResourceName {
  return (resourceNames as readonly string[]).includes(word);
}
