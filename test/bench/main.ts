/** `npm run bench`: measures the real thing on this machine. Each measurement is a command of its own in a folder of its own. */
import { Command, CommanderError } from 'commander';
import { describeError } from '../../src/platform/errors.ts';
import { StackError } from '../../scripts/stack/stack-error.ts';
import { applyCommand } from './apply/apply-command.ts';
import { compareCommand } from './compare/compare-command.ts';
import { dashboardCommand } from './dashboard/dashboard-command.ts';
import { drainCommand } from './drain/drain-command.ts';
import { growthCommand } from './growth/growth-command.ts';
import { idleCommand } from './idle/idle-command.ts';
import { killCommand } from './kill/kill-command.ts';
import { writeReport } from './report/write-report.ts';
import { shapesCommand } from './shapes/shapes-command.ts';
import { sourceCommand } from './source/source-command.ts';
import { stagesCommand } from './stages/stages-command.ts';

const bench = new Command('bench')
  .usage('[command] [options]     (as an npm script: npm run bench -- [command] [options])')
  .description(
    'Measures on this machine, on a real stack of its own (free ports, own folder, removed at the end). Leave the machine alone meanwhile.',
  )
  .addCommand(compareCommand(), { isDefault: true })
  .addCommand(drainCommand())
  .addCommand(growthCommand())
  .addCommand(idleCommand())
  .addCommand(killCommand())
  .addCommand(shapesCommand())
  .addCommand(sourceCommand())
  .addCommand(stagesCommand())
  .addCommand(applyCommand())
  .addCommand(dashboardCommand())
  .addCommand(
    new Command('report')
      .description('Writes bench/REPORT.md and its plots anew from bench/results, without measuring.')
      .action(writeReport),
  )
  .exitOverride();
for (const command of bench.commands) command.exitOverride();

try {
  await bench.parseAsync();
} catch (error) {
  if (error instanceof CommanderError) process.exitCode = error.exitCode === 0 ? 0 : 2;
  else {
    console.error(`✗ ${error instanceof StackError ? error.describe() : describeError(error)}`);
    process.exitCode = 1;
  }
}
// After Ctrl-C a load may still be on its way to a service that is gone.
process.exit();
