import { z } from 'zod';

/** How spans leave the process; undefined: not at all. */
export type SpanExport = 'http/protobuf' | 'http/json' | undefined;

const text = z.string().trim().toLowerCase().default('');
const address = z
  .union([z.literal(''), z.url({ protocol: /^https?$/, error: 'must be an http(s) address' })])
  .default('');
const protocol = z
  .union([z.literal(''), z.enum(['http/protobuf', 'http/json'])], {
    error:
      'must be http/protobuf or http/json (a collector usually has both on port 4318; gRPC is not spoken here)',
  })
  .default('');

/** The standard's variables that decide whether there are spans at all. All others are read by OpenTelemetry itself. */
export const exportConfig = z
  .object({
    OTEL_SDK_DISABLED: text,
    OTEL_TRACES_EXPORTER: text.pipe(
      z.enum(['', 'otlp', 'none'], { error: 'must be otlp or none (empty: otlp when there is an endpoint)' }),
    ),
    OTEL_EXPORTER_OTLP_ENDPOINT: address,
    OTEL_EXPORTER_OTLP_TRACES_ENDPOINT: address,
    OTEL_EXPORTER_OTLP_PROTOCOL: protocol,
    OTEL_EXPORTER_OTLP_TRACES_PROTOCOL: protocol,
  })
  .transform((env): SpanExport => {
    const endpoint = env.OTEL_EXPORTER_OTLP_TRACES_ENDPOINT || env.OTEL_EXPORTER_OTLP_ENDPOINT;
    const exporter = env.OTEL_TRACES_EXPORTER || (endpoint === '' ? 'none' : 'otlp');
    if (env.OTEL_SDK_DISABLED === 'true' || exporter === 'none') return undefined;
    return env.OTEL_EXPORTER_OTLP_TRACES_PROTOCOL || env.OTEL_EXPORTER_OTLP_PROTOCOL || 'http/protobuf';
  });
