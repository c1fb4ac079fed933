import { existsSync, readFileSync } from 'node:fs';

const src = new URL('../../src/', import.meta.url);
const text = readFileSync(new URL('README.md', src), 'utf8');
const hops = [...text.matchAll(/^\|.*\| `([\w./-]+\.ts)` \| `(\w+)` \|$/gm)].map(([, file, name]) => [
  file ?? '',
  name ?? '',
]);

test('the map in src/README.md has every hop', () => {
  expect(hops.length).toBeGreaterThanOrEqual(10);
});

test.each(hops)('%s has %s', (file, name) => {
  expect(existsSync(new URL(file, src))).toBe(true);
  const source = readFileSync(new URL(file, src), 'utf8');
  expect(source).toMatch(new RegExp(`export (async function|function|const) ${name}\\b`));
});
