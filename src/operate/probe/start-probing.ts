import { hostname } from 'node:os';
import type { KafkaAccess } from '../../platform/kafka/kafka-access.ts';
import { createKafka } from '../../platform/kafka/kafka-client.ts';
import { silentLog } from '../../platform/log.ts';
import { keepProbing, type Probing, type ProbingOptions } from './keep-probing.ts';

export interface ServiceProbing extends Pick<
  ProbingOptions,
  'pool' | 'encoder' | 'topicPrefix' | 'probe' | 'slot' | 'everyMs' | 'log'
> {
  /** Its connector is `<service>-outbox`. */
  readonly service: string;
  readonly access: KafkaAccess;
}

/** The probing of one process of a service; undefined when it is switched off (`everyMs` 0). */
export function startProbing({ service, access, ...options }: ServiceProbing): Probing | undefined {
  if (options.everyMs === 0) return undefined;
  return keepProbing({
    ...options,
    // What Kafka's client says of a broker that is away the consumer's log has already.
    kafka: createKafka({ ...access, clientId: `${service}-probe`, log: silentLog }),
    connector: `${service}-outbox`,
    sender: `${service} ${hostname()}/${process.pid}`,
  });
}
