import type { Context, Span } from '@opentelemetry/api';
import { diag, DiagLogLevel, ROOT_CONTEXT, SpanKind, SpanStatusCode, trace } from '@opentelemetry/api';
import { setGlobalErrorHandler } from '@opentelemetry/core';
import {
  defaultResource,
  detectResources,
  envDetector,
  resourceFromAttributes,
} from '@opentelemetry/resources';
import { BasicTracerProvider, BatchSpanProcessor } from '@opentelemetry/sdk-trace-base';
import type { SpanExporter } from '@opentelemetry/sdk-trace-base';
import { describeError } from '../errors.ts';
import type { Log } from '../log.ts';
import { createComplaints } from './complaints.ts';
import { isTraceparent } from './traceparent.ts';
import type { SpanEnd, Tracing } from './tracing.ts';

export interface OpenTelemetryOptions {
  /** `service.name`, unless OTEL_SERVICE_NAME or OTEL_RESOURCE_ATTRIBUTES say another. */
  readonly service: string;
  readonly protocol: 'http/protobuf' | 'http/json';
  readonly log: Log;
}

/**
 * The only file that knows OpenTelemetry. Endpoint, headers, sampler, limits and queue are read from the standard's variables by the
 * SDK itself. Spans wait in its queue of bounded length and are sent beside the work; when the collector is away or slow they are
 * dropped, and that is said now and then.
 */
export async function openTelemetry(
  options: OpenTelemetryOptions,
): Promise<Tracing & { readonly flush: () => Promise<void> }> {
  const complain = createComplaints(options.log);
  const ignore = (): void => undefined;
  diag.setLogger(
    { error: complain, warn: complain, info: ignore, debug: ignore, verbose: ignore },
    { logLevel: DiagLogLevel.WARN, suppressOverrideMessage: true },
  );
  setGlobalErrorHandler((error) => complain(describeError(error)));
  const provider = new BasicTracerProvider({
    resource: resourceOf(options.service),
    spanProcessors: [new BatchSpanProcessor(await createExporter(options.protocol))],
  });
  const tracer = provider.getTracer('outbox-pipeline');
  return {
    isOn: true,
    startSpan({ name, kind, parent, attributes }) {
      const span = tracer.startSpan(
        name,
        { kind: kind === 'server' ? SpanKind.SERVER : SpanKind.CONSUMER, attributes: { ...attributes } },
        contextOf(parent),
      );
      const { traceId, spanId, traceFlags } = span.spanContext();
      return {
        traceparent: `00-${traceId}-${spanId}-${traceFlags.toString(16).padStart(2, '0')}`,
        end: (end) => endSpan(span, end),
      };
    },
    flush: () => provider.shutdown(),
  };
}

function resourceOf(service: string) {
  return defaultResource()
    .merge(resourceFromAttributes({ 'service.name': service }))
    .merge(detectResources({ detectors: [envDetector] }));
}

async function createExporter(protocol: OpenTelemetryOptions['protocol']): Promise<SpanExporter> {
  if (protocol === 'http/json')
    return new (await import('@opentelemetry/exporter-trace-otlp-http')).OTLPTraceExporter();
  return new (await import('@opentelemetry/exporter-trace-otlp-proto')).OTLPTraceExporter();
}

function contextOf(parent: string | null | undefined): Context {
  if (!isTraceparent(parent)) return ROOT_CONTEXT;
  const [, traceId = '', spanId = '', flags = ''] = parent.split('-');
  return trace.setSpanContext(ROOT_CONTEXT, {
    traceId,
    spanId,
    traceFlags: Number.parseInt(flags, 16),
    isRemote: true,
  });
}

function endSpan(span: Span, end: SpanEnd = {}): void {
  if (end.name !== undefined) span.updateName(end.name);
  if (end.attributes !== undefined) span.setAttributes(end.attributes);
  if (end.error !== undefined) span.setStatus({ code: SpanStatusCode.ERROR, message: end.error });
  span.end();
}
