import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, readdirSync, readFileSync, renameSync, rmSync, statfsSync } from 'node:fs';
import { dirname, join } from 'node:path';

/** A file system of its own below a folder: an image in a file, mounted by a loop device. */
export interface OwnDisk {
  /** Takes what is left of it, to the last block. */
  fill(): void;
  /** Gives that back; harmless when nothing was taken. */
  empty(): void;
}

/** The image is a file with holes: of the real disk it takes what is written, and a filler writes nothing. */
const SIZE = '8G';
const FILLER = 'filler';

/** The disk that a folder lies on by moveToOwnDisk. */
export function ownDisk(folder: string): OwnDisk {
  const filler = join(folder, FILLER);
  return {
    fill: () => {
      mkdirSync(filler, { recursive: true });
      fillFrom(folder, filler);
    },
    empty: () => rmSync(filler, { recursive: true, force: true }),
  };
}

/** Says in a sentence why there is none. */
export class NoDisk extends Error {}

/**
 * Moves a folder that nobody uses now to a disk of its own, which is found under the same path. Killed in between, the data
 * is in the folder beside or in the image, and the stack is removed by the next run.
 * @throws NoDisk where this process may not mount
 */
export function moveToOwnDisk(folder: string, image: string): void {
  const beside = `${folder}-before`;
  mkdirSync(dirname(image), { recursive: true });
  run('truncate', '-s', SIZE, image);
  // No blocks kept for root, as whom the broker may run.
  run('mkfs.ext4', '-q', '-m', '0', image);
  renameSync(folder, beside);
  mkdirSync(folder);
  try {
    run('mount', '-o', 'loop,discard', image, folder);
  } catch (error) {
    rmSync(folder, { recursive: true });
    renameSync(beside, folder);
    rmSync(image);
    throw error;
  }
  // With owner and mode, those of the folder itself too: Postgres looks at them.
  run('cp', '-a', `${beside}/.`, folder);
  rmSync(beside, { recursive: true });
}

/** Space is asked for, and less of it each time that it is refused. Others take and give some meanwhile. */
function fillFrom(folder: string, filler: string): void {
  const { bavail, bsize } = statfsSync(folder);
  for (let bytes = bavail * bsize, file = 0; bytes >= bsize;) {
    const { status } = spawnSync('fallocate', ['-l', String(bytes), join(filler, String(file))]);
    if (status === 0) file += 1;
    else bytes = Math.floor(bytes / 2);
  }
}

function run(command: string, ...args: string[]): void {
  const { status, stderr, error } = spawnSync(command, args, { encoding: 'utf8' });
  if (status === 0) return;
  const reason = error?.message ?? stderr.trim().split('\n').at(-1) ?? '';
  throw new NoDisk(`A disk of its own cannot be had here: ${command} says ${reason}`);
}

const LOOPS = '/sys/block';

/** Takes away each disk whose image lies below a folder. Nobody may use them by now. */
export function takeDisksAway(folder: string): void {
  for (const device of existsSync(LOOPS) ? readdirSync(LOOPS) : []) {
    const backing = join(LOOPS, device, 'loop', 'backing_file');
    if (existsSync(backing) && readFileSync(backing, 'utf8').startsWith(`${folder}/`))
      run('umount', `/dev/${device}`);
  }
}
