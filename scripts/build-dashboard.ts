/** Builds the dashboard's page, unless it is fresh: for an image, whose programs can't write. Whoever starts the dashboard need not. */
import { buildPage } from '../src/dashboard/build-page.ts';
import { createLog } from '../src/platform/log.ts';

const built = await buildPage(
  createLog({ name: 'build-dashboard', env: process.env, isTerminal: process.stdout.isTTY }),
);
if ('problem' in built) process.exitCode = 1;
