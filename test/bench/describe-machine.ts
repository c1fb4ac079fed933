import { cpus, release, totalmem, type } from 'node:os';
import { versions } from '../../scripts/stack/settings.ts';

/** What a figure is worth nothing without. */
export interface Machine {
  readonly cpu: string;
  readonly cores: number;
  readonly memoryGiB: number;
  readonly system: string;
  readonly node: string;
  readonly postgres: string;
  readonly kafka: string;
  readonly debezium: string;
}

/** @param postgres what the server says of itself (`show server_version`) */
export function describeMachine(postgres: string): Machine {
  return {
    cpu: cpus()[0]?.model.trim() ?? 'unknown',
    cores: cpus().length,
    memoryGiB: Math.round(totalmem() / 2 ** 30),
    system: `${type()} ${release()}`,
    node: process.versions.node,
    postgres,
    kafka: versions.kafka,
    debezium: versions.debezium,
  };
}

export function machineLine(machine: Machine): string {
  return (
    `${machine.cpu}, ${machine.cores} cores, ${machine.memoryGiB} GiB, ${machine.system}; ` +
    `Node ${machine.node}, Postgres ${machine.postgres}, Kafka ${machine.kafka}, Debezium ${machine.debezium}`
  );
}
