import type { Say } from '../../scripts/demo/say.ts';

/**
 * One run to warm up, thrown away, and then those that count, one after the other: caches are filled and the JVMs have
 * compiled what they need.
 */
export async function repeatRuns<Run>(
  repeats: number,
  say: Say,
  run: (name: string) => Promise<Run>,
  describe: (result: Run) => string,
): Promise<Run[]> {
  const results: Run[] = [];
  for (let number = 0; number <= repeats; number += 1) {
    const name = number === 0 ? 'warm-up, not counted' : `run ${number} of ${repeats}`;
    const result = await run(name);
    say.line(`  ${name}: ${describe(result)}`);
    if (number > 0) results.push(result);
  }
  return results;
}
