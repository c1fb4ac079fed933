import { z } from 'zod';
import { readAccess, type Access } from '../access.ts';
import { PipelineError } from '../errors.ts';
import { listText, readConfig } from '../read-config.ts';

const MECHANISMS = ['plain', 'scram-sha-256', 'scram-sha-512'] as const;

/** Where the brokers are and how they let us in. Nothing but `brokers` means plain text, as on this machine. */
export interface KafkaAccess extends Access {
  readonly brokers: readonly string[];
  /** How `credentials` are shown. */
  readonly mechanism?: (typeof MECHANISMS)[number];
}

/** An empty variable is one that is not set, as everywhere in .env. */
const kafkaConfig = z
  .object({
    KAFKA_BROKERS: listText,
    KAFKA_TLS: z.enum(['', 'true', 'false'], 'must be true or false').optional(),
    KAFKA_SASL_MECHANISM: z
      .enum(['', ...MECHANISMS], 'must be plain, scram-sha-256 or scram-sha-512')
      .optional(),
  })
  .transform((env) => ({
    brokers: env.KAFKA_BROKERS,
    tlsWord: env.KAFKA_TLS || undefined,
    mechanism: env.KAFKA_SASL_MECHANISM || undefined,
  }));

/**
 * KAFKA_BROKERS; KAFKA_TLS, which a certificate's file says too; KAFKA_SASL_MECHANISM for KAFKA_USER (scram-sha-512 unless set).
 * @throws PipelineError `config_invalid`, also for a password that would go through the network without TLS
 */
export function readKafkaAccess(env: NodeJS.Dict<string>): KafkaAccess {
  const { brokers, tlsWord, mechanism } = readConfig(kafkaConfig, env);
  const { credentials, tls = tlsWord === 'true' ? {} : undefined } = readAccess(env, 'KAFKA');
  if (tlsWord === 'false' && tls !== undefined)
    throw new PipelineError('config_invalid', 'KAFKA_TLS is false, but certificates are given.', {
      remedy: 'Remove KAFKA_TLS, or KAFKA_CA_FILE, KAFKA_CERT_FILE and KAFKA_KEY_FILE.',
    });
  if (mechanism !== undefined && credentials === undefined)
    throw new PipelineError('config_invalid', 'KAFKA_SASL_MECHANISM is set, but KAFKA_USER is not.', {
      remedy: 'Set KAFKA_USER and KAFKA_PASSWORD, or remove it.',
    });
  if (credentials !== undefined && tls === undefined && tlsWord === undefined)
    throw new PipelineError('config_invalid', 'KAFKA_USER is set, but the connection is not encrypted.', {
      remedy:
        'Set KAFKA_CA_FILE, or KAFKA_TLS=true for a public authority; KAFKA_TLS=false says that plain text is meant.',
    });
  return {
    brokers,
    ...(tls && { tls }),
    ...(credentials && { credentials, mechanism: mechanism ?? 'scram-sha-512' }),
  };
}
