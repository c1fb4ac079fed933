import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { assertJava, installCommand } from '../../../scripts/stack/ensure-java.ts';

describe('where java or mvn is missing', () => {
  test.each([
    ['ID=debian\nVERSION_ID="12"\n', 'apt-get install -y openjdk-17-jdk-headless maven'],
    ['ID=debian\nVERSION_ID="13"\n', 'apt-get install -y openjdk-21-jdk-headless maven'],
    ['ID=ubuntu\nID_LIKE=debian\nVERSION_ID="24.04"\n', 'apt-get install -y openjdk-17-jdk-headless maven'],
    ['ID=fedora\n', undefined],
    [undefined, undefined],
  ])('the command for %j is %s', (release, command) => {
    expect(installCommand(release)).toBe(command);
  });

  let folder: string;
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'java-'));
  });
  afterEach(() => rmSync(folder, { recursive: true, force: true }));
  const program = (name: string, script: string): void =>
    writeFileSync(join(folder, name), `#!/bin/sh\n${script}\n`, { mode: 0o755 });

  test('both are named', () => {
    expect(() => assertJava({ PATH: folder }, true)).toThrow('stack: java and mvn are missing');
  });

  test('an old java is named with its version', () => {
    program('java', `echo 'openjdk version "11.0.2"' >&2`);
    expect(() => assertJava({ PATH: folder }, false)).toThrow(
      'stack: java 17 or later (found 11) is missing',
    );
  });

  test('Maven is not asked for when all jars are there', () => {
    program('java', `echo 'openjdk version "21.0.2"' >&2`);
    expect(() => assertJava({ PATH: folder }, false)).not.toThrow();
  });
});
