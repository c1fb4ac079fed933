import { z } from 'zod';

/** A connector's settings as Kafka Connect keeps them: every value is text. */
export type ConnectorConfig = Readonly<Record<string, string>>;

/** One file of `connectors/`: what Kafka Connect is told, under the name it keeps it by. */
export interface ConnectorFile {
  readonly name: string;
  readonly config: ConnectorConfig;
}

export const connectorConfigSchema = z.record(z.string(), z.string());

export const connectorFileSchema = z.strictObject({
  name: z.string().regex(/^[a-z0-9][a-z0-9.-]*$/, 'must be lower case letters, digits, dots and hyphens'),
  config: connectorConfigSchema,
});

/** Settings that hold a secret, in Debezium's and Kafka's naming: their value may only be a reference, and is never printed. */
export function isSecretKey(key: string): boolean {
  return (
    /password|secret|sasl\.jaas\.config|credentials|token|basic\.auth\.user\.info|keystore\.key|connection\.string/i.test(
      key,
    ) && !/token\.endpoint/i.test(key)
  );
}

/**
 * `${env:CDC_…}` is resolved by the worker when a task starts: neither its config topic nor its REST API ever holds the
 * value. It lets no other provider and no other variable through (`config.providers` of the worker). */
export function isSecretReference(value: string): boolean {
  return /^\$\{env:CDC_\w+\}$/.test(value);
}
