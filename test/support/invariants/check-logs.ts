import { violations } from './invariants.ts';
import type { Violation } from './invariants.ts';

const UNHANDLED =
  /unhandled ?rejection|unhandled 'error' event|uncaught ?exception|UnhandledPromiseRejection/i;

/** @param logs everything that a process printed, by its name */
export function checkLogs(logs: readonly (readonly [name: string, text: string])[]): Violation[] {
  return violations(
    'no-unhandled-rejection',
    logs.flatMap(([name, text]) =>
      text
        .split('\n')
        .filter((line) => UNHANDLED.test(line))
        .map((line) => `${name}: ${line.slice(0, 300)}`),
    ),
  );
}
