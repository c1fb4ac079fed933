/** `npm run check:rules`: the configuration and rules of deploy/prometheus, and their unit tests, by Prometheus's own promtool. */
import { spawnSync } from 'node:child_process';
import { readdirSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

const folder = fileURLToPath(new URL('../deploy/prometheus/', import.meta.url));
const filesOf = (name: string): string[] =>
  readdirSync(`${folder}${name}`)
    .filter((file) => file.endsWith('.yml'))
    .map((file) => `${name}/${file}`);

const runs = [
  // The dashboard's token is a file only in a container, hence the syntax only; the rules are looked at next.
  ['check', 'config', '--syntax-only', 'prometheus.yml', 'local.yml'],
  ['check', 'rules', ...filesOf('rules')],
  ['test', 'rules', ...filesOf('tests')],
];
for (const args of runs) {
  const { error, status } = spawnSync('promtool', args, { cwd: folder, stdio: 'inherit', timeout: 120_000 });
  if (error !== undefined && (error as NodeJS.ErrnoException).code === 'ENOENT') {
    console.error(
      'There is no promtool. It comes with Prometheus: apt-get install prometheus, brew install prometheus, or https://prometheus.io/download.',
    );
    process.exit(3);
  }
  if (error !== undefined) console.error(`promtool ${args.slice(0, 2).join(' ')}: ${error.message}`);
  if (status !== 0) process.exit(1);
}
