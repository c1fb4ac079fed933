import { Argument, Option, type Command } from 'commander';
import { projectConnectors } from '../../open-pipeline.ts';

/** What every verb of `connectors` understands; `names` come as the action's first argument. */
export interface ConnectorOptions {
  /** Undefined when neither the option nor the environment gives it. */
  readonly connect?: string;
  readonly dir: string;
  readonly json?: true;
}

/** Adds `[names...]`, `--connect`, `--dir` and `--json`. */
export function withConnectorOptions(command: Command): Command {
  return withPlaceOptions(
    command.addArgument(new Argument('[names...]', 'connectors, by name (default: all that have a file)')),
  );
}

/** `--connect`, `--dir` and `--json`, for a verb that names its connectors in another way. */
export function withPlaceOptions(command: Command): Command {
  return command
    .addOption(
      new Option(
        '--connect <url>',
        "Kafka Connect's REST address; several workers separated by commas (default: CONNECT_URL)",
      ),
    )
    .addOption(new Option('--dir <folder>', 'folder of connector files').default(projectConnectors))
    .addOption(new Option('--json', 'print one JSON document'));
}
