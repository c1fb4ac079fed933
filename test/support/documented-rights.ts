import { readFileSync } from 'node:fs';

export const roleKinds = ['app', 'cdc', 'ops', 'audit', 'repair'] as const;
export type RoleKind = (typeof roleKinds)[number];
export type DocumentedRights = ReadonlyMap<string, Readonly<Record<RoleKind, string>>>;

/** The tables of docs/security.md under this heading: what each role may do with a thing, `` where nothing. */
export function documentedRights(heading: string): DocumentedRights {
  const text = readFileSync(new URL('../../docs/security.md', import.meta.url), 'utf8');
  const section = text.split(/^## /m).find((part) => part.startsWith(`${heading}\n`));
  if (section === undefined) throw new Error(`docs/security.md has no heading ${heading}.`);
  const rows = section.split('\n').flatMap((line) => {
    const [, thing, ...cells] = line.split('|').map((cell) => cell.trim());
    const name = /^`([^`]+)`$/.exec(thing ?? '')?.[1];
    if (name === undefined) return [];
    const [app = '', cdc = '', ops = '', audit = '', repair = ''] = cells;
    return [[name, { app, cdc, ops, audit, repair }] as const];
  });
  return new Map(rows);
}
