import { mkdirSync, writeFileSync } from 'node:fs';
import { resultsFolder, writeReport } from './write-report.ts';

/**
 * Keeps what a command measured: in `file` if one is given, else in bench/results, from which bench/REPORT.md is then written anew.
 */
export function saveResult(name: string, result: unknown, file: string | undefined): void {
  const text = `${JSON.stringify(result, undefined, 1)}\n`;
  if (file !== undefined) {
    writeFileSync(file, text);
    return;
  }
  mkdirSync(resultsFolder, { recursive: true });
  writeFileSync(`${resultsFolder}${name}.json`, text);
  writeReport();
}
