/** `npm run bench -- <arm>`: measures the real thing on this machine. An arm is a command of its own in a folder of its own. */
import { Command, CommanderError } from 'commander';
import { describeError } from '../../src/platform/errors.ts';
import { StackError } from '../../scripts/stack/stack-error.ts';
import { applyCommand } from './apply/apply-command.ts';
import { dashboardCommand } from './dashboard/dashboard-command.ts';

const bench = new Command('bench')
  .usage('<arm> [options]     (as an npm script: npm run bench -- <arm> [options])')
  .description(
    'Measures on this machine, on a real stack of its own (free ports, own folder, removed at the end). Leave the machine alone meanwhile.',
  )
  .addCommand(applyCommand())
  .addCommand(dashboardCommand())
  .exitOverride();
for (const arm of bench.commands) arm.exitOverride();

try {
  await bench.parseAsync();
} catch (error) {
  if (error instanceof CommanderError) process.exitCode = error.exitCode === 0 ? 0 : 2;
  else {
    console.error(`✗ ${error instanceof StackError ? error.describe() : describeError(error)}`);
    process.exitCode = 1;
  }
}
