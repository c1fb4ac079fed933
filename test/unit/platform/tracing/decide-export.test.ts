import { readConfig } from '../../../../src/platform/read-config.ts';
import { exportConfig } from '../../../../src/platform/tracing/decide-export.ts';

const endpoint = { OTEL_EXPORTER_OTLP_ENDPOINT: 'http://127.0.0.1:4318' };
const decide = (env: Record<string, string>) => readConfig(exportConfig, env);

test.each<[string, Record<string, string>]>([
  ['nothing is set', {}],
  ['the endpoint is empty', { OTEL_EXPORTER_OTLP_ENDPOINT: '' }],
  ['the SDK is disabled', { ...endpoint, OTEL_SDK_DISABLED: 'TRUE' }],
  ['no exporter is asked for', { ...endpoint, OTEL_TRACES_EXPORTER: 'none' }],
  ['only the protocol is set', { OTEL_EXPORTER_OTLP_PROTOCOL: 'http/json' }],
])('spans stay at home when %s', (_, env) => {
  expect(decide(env)).toBeUndefined();
});

test.each<[string, Record<string, string>, string]>([
  ['an endpoint', endpoint, 'http/protobuf'],
  [
    'an endpoint of traces',
    { OTEL_EXPORTER_OTLP_TRACES_ENDPOINT: 'https://a.example/v1/traces' },
    'http/protobuf',
  ],
  ['the exporter alone', { OTEL_TRACES_EXPORTER: 'otlp' }, 'http/protobuf'],
  ['a protocol', { ...endpoint, OTEL_EXPORTER_OTLP_PROTOCOL: 'http/json' }, 'http/json'],
  [
    'a protocol of traces',
    {
      ...endpoint,
      OTEL_EXPORTER_OTLP_PROTOCOL: 'http/protobuf',
      OTEL_EXPORTER_OTLP_TRACES_PROTOCOL: 'http/json',
    },
    'http/json',
  ],
])('%s lets them go', (_, env, protocol) => {
  expect(decide(env)).toBe(protocol);
});

test.each<[Record<string, string>, string]>([
  [
    { ...endpoint, OTEL_EXPORTER_OTLP_PROTOCOL: 'grpc' },
    'OTEL_EXPORTER_OTLP_PROTOCOL: must be http/protobuf or http/json',
  ],
  [{ OTEL_TRACES_EXPORTER: 'zipkin' }, 'OTEL_TRACES_EXPORTER: must be otlp or none'],
  [
    { OTEL_EXPORTER_OTLP_ENDPOINT: 'localhost:4318' },
    'OTEL_EXPORTER_OTLP_ENDPOINT: must be an http(s) address',
  ],
])('%j is refused by its name', (env, sentence) => {
  expect(() => decide(env)).toThrow(sentence);
});
