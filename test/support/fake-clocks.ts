import { chmodSync, existsSync, mkdtempSync, readdirSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** Clocks of processes that can be set while they run; the machine's own is left alone. */
export interface FakeClocks {
  /** For the environment of a process, which then lives by the clock of this name. */
  envOf(name: string): Readonly<Record<string, string>>;
  /** So far ahead of the right time, or behind it. Seen within a second. */
  set(name: string, seconds: number): void;
  remove(): void;
}

export const NO_FAKE_CLOCKS = 'Clocks cannot be set here: libfaketime is missing (apt-get install faketime)';

/** @returns undefined where libfaketime is missing */
export function createFakeClocks(): FakeClocks | undefined {
  const library = findLibrary();
  if (library === undefined) return undefined;
  const folder = mkdtempSync(join(tmpdir(), 'clocks-'));
  // Postgres is another user.
  chmodSync(folder, 0o755);
  const fileOf = (name: string): string => join(folder, name);
  const set = (name: string, seconds: number): void => {
    writeFileSync(join(folder, 'incoming'), `${seconds < 0 ? '' : '+'}${seconds}\n`);
    renameSync(join(folder, 'incoming'), fileOf(name));
  };
  return {
    set,
    envOf(name) {
      if (!existsSync(fileOf(name))) set(name, 0);
      return {
        LD_PRELOAD: library,
        FAKETIME_TIMESTAMP_FILE: fileOf(name),
        FAKETIME_CACHE_DURATION: '1',
        // A clock that is set does not set the one that timers run by.
        FAKETIME_DONT_FAKE_MONOTONIC: '1',
        // Without it a JVM waits for ever (seen with libfaketime 0.9.10).
        FAKETIME_FORCE_MONOTONIC_FIX: '0',
      };
    },
    remove: () => rmSync(folder, { recursive: true, force: true }),
  };
}

/** Where Debian and its kin put it. */
function findLibrary(): string | undefined {
  const parent = '/usr/lib';
  const folders = existsSync(parent) ? readdirSync(parent) : [];
  return folders
    .map((folder) => join(parent, folder, 'faketime', 'libfaketimeMT.so.1'))
    .find((file) => existsSync(file));
}
