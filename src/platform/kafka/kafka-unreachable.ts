import { describeError, PipelineError } from '../errors.ts';
import { tlsRemedy, tlsTrouble } from '../tls-trouble.ts';

/** What kafkajs threw when it got no answer, as a sentence with a remedy. */
export function kafkaUnreachable(error: unknown): PipelineError {
  const trouble = troubleOf(error);
  const reason = trouble?.reason ?? describeError(error).replace(/\.$/, '');
  return new PipelineError('kafka_unreachable', `Kafka did not answer: ${reason}.`, {
    remedy: trouble?.remedy ?? 'Start it (npm run stack -- up kafka) or set KAFKA_BROKERS.',
    cause: error,
  });
}

/** What to do where Kafka is there but does not let us in; undefined for all else. */
export const accessRemedy = (error: unknown): string | undefined => troubleOf(error)?.remedy;

/** kafkajs wraps its errors by `cause`. */
function troubleOf(error: unknown): { readonly reason: string; readonly remedy: string } | undefined {
  if (!Error.isError(error)) return undefined;
  const reason = describeError(error)
    .replace(/^Connection error: /, '')
    .replace(/\.$/, '');
  const tls = tlsTrouble(error);
  if (tls !== undefined) {
    const remedy = tlsRemedy(
      tls,
      'KAFKA',
      'Remove KAFKA_TLS and KAFKA_CA_FILE, or have that listener speak TLS.',
    );
    return { reason: tls.reason.replace(/^Connection error: /, ''), remedy };
  }
  if (/SASL/.test(error.name))
    return { reason, remedy: 'Mend KAFKA_USER, KAFKA_PASSWORD or KAFKA_SASL_MECHANISM.' };
  // What speaks TLS hangs up on whoever does not, and a listener with SASL on whoever shows no password.
  if (error.name === 'KafkaJSConnectionClosedError')
    return {
      reason: 'it hangs up',
      remedy:
        'If it wants TLS or a password, set KAFKA_CA_FILE or KAFKA_TLS=true, KAFKA_USER and KAFKA_PASSWORD; else ask again.',
    };
  return troubleOf(error.cause);
}
