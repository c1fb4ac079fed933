/** `npm run generate`: src/contracts/generated from schemas/. With --check it writes nothing and fails when they differ. */
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { generateEventTypes } from '../src/events/generate-event-types.ts';
import { listSchemaFiles, newestVersions } from '../src/events/list-schema-files.ts';
import { describeError } from '../src/platform/errors.ts';

const schemas = new URL('../schemas/', import.meta.url);
const generated = new URL('../src/contracts/generated/', import.meta.url);

try {
  process.exitCode = generate(process.argv.includes('--check'));
} catch (error) {
  console.error(describeError(error));
  process.exitCode = 1;
}

function generate(isCheck: boolean): number {
  const newest = newestVersions(listSchemaFiles(schemas));
  const stale = [...new Set(newest.map((file) => file.topic))].filter((topic) => {
    const sources = newest
      .filter((file) => file.topic === topic)
      .map((file) => ({
        ...file,
        text: readFileSync(new URL(`${topic}/${file.type}.v${file.version}.avsc`, schemas), 'utf8'),
      }));
    const text = generateEventTypes(topic, sources);
    const target = new URL(`${topic.replaceAll('.', '-')}.ts`, generated);
    if (existsSync(target) && readFileSync(target, 'utf8') === text) return false;
    if (!isCheck) {
      mkdirSync(generated, { recursive: true });
      writeFileSync(target, text);
    }
    return true;
  });
  if (stale.length === 0) console.log('The generated types are up to date.');
  else if (isCheck)
    console.error(`The generated types of ${stale.join(', ')} are not up to date. Run: npm run generate`);
  else console.log(`Generated the types of ${stale.join(', ')}.`);
  return isCheck && stale.length > 0 ? 1 : 0;
}
