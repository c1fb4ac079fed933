import { Counter, type Registry } from 'prom-client';
import type { Encoder } from '../events/encoder.ts';

/**
 * Adds to the service's metrics how many rows its transactions have committed to the outbox. Rows whose COMMIT got no answer are
 * left out, and so are probes, which say nothing of the service's work.
 * @returns for the encoder that they are written with
 */
export function countAppended(registry: Registry): NonNullable<Encoder['committed']> {
  const rows = new Counter({
    name: 'outbox_rows_appended_total',
    help: 'Rows that were committed to the outbox by this process',
    labelNames: ['topic', 'type'] as const,
    registers: [registry],
  });
  return (definitions) => {
    for (const { topic, type } of definitions) rows.inc({ topic, type });
  };
}
