import { createServer } from 'node:http';
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { buffer } from 'node:stream/consumers';

export interface CollectedSpan {
  readonly service: string;
  readonly name: string;
  readonly kind: 'server' | 'consumer' | 'other';
  readonly traceId: string;
  readonly spanId: string;
  /** '' for the first of a trace. */
  readonly parentSpanId: string;
  readonly attributes: Readonly<Record<string, string | number>>;
  /** Its message when it ended with status ERROR. */
  readonly error: string | undefined;
  readonly seconds: number;
}

/** What receives spans at the end of the line: OTLP over HTTP, on a free port. */
export interface SpanCollector {
  readonly url: string;
  /** Of the requests in JSON; those in protobuf are kept as they came. */
  ofTrace(traceId: string): CollectedSpan[];
  spans(): CollectedSpan[];
  readonly requests: { readonly path: string; readonly type: string; readonly body: Buffer }[];
  /** From now on it takes requests and does not answer them. */
  hang(): void;
  /** Requests that it has not answered. */
  hanging(): number;
  close(): Promise<void>;
}

export async function startSpanCollector(): Promise<SpanCollector> {
  const spans: CollectedSpan[] = [];
  const requests: SpanCollector['requests'] = [];
  const waiting: ServerResponse[] = [];
  let hangs = false;
  const receive = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    const body = await buffer(request);
    if (hangs) return void waiting.push(response);
    const type = request.headers['content-type'] ?? '';
    requests.push({ path: request.url ?? '', type, body });
    const isJson = type === 'application/json';
    if (isJson) spans.push(...spansOf(JSON.parse(body.toString()) as OtlpRequest));
    response.writeHead(200, { 'content-type': type }).end(isJson ? '{}' : '');
  };
  const server = createServer((request, response) => {
    // A service that is killed cuts its request; nobody asks for that one.
    receive(request, response).catch(() => response.destroy());
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    spans: () => [...spans],
    ofTrace: (traceId) => spans.filter((span) => span.traceId === traceId),
    requests,
    hang: () => (hangs = true),
    hanging: () => waiting.length,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

interface OtlpAttribute {
  readonly key: string;
  readonly value: { readonly stringValue?: string; readonly intValue?: number | string };
}

interface OtlpRequest {
  readonly resourceSpans: readonly {
    readonly resource: { readonly attributes: readonly OtlpAttribute[] };
    readonly scopeSpans: readonly {
      readonly spans: readonly {
        readonly name: string;
        readonly kind: number;
        readonly traceId: string;
        readonly spanId: string;
        readonly parentSpanId?: string;
        readonly startTimeUnixNano: string;
        readonly endTimeUnixNano: string;
        readonly attributes: readonly OtlpAttribute[];
        readonly status: { readonly code?: number; readonly message?: string };
      }[];
    }[];
  }[];
}

// Of the protocol: SpanKind and Status.
const KINDS: Readonly<Record<number, CollectedSpan['kind']>> = { 2: 'server', 5: 'consumer' };
const ERROR = 2;

function spansOf({ resourceSpans }: OtlpRequest): CollectedSpan[] {
  return resourceSpans.flatMap(({ resource, scopeSpans }) =>
    scopeSpans.flatMap((scope) =>
      scope.spans.map(({ name, traceId, spanId, ...span }) => ({
        service: String(valuesOf(resource.attributes)['service.name']),
        kind: KINDS[span.kind] ?? 'other',
        ...{ name, traceId, spanId },
        parentSpanId: span.parentSpanId ?? '',
        attributes: valuesOf(span.attributes),
        error: span.status.code === ERROR ? (span.status.message ?? '') : undefined,
        seconds: Number(BigInt(span.endTimeUnixNano) - BigInt(span.startTimeUnixNano)) / 1e9,
      })),
    ),
  );
}

const valuesOf = (attributes: readonly OtlpAttribute[]): Record<string, string | number> =>
  Object.fromEntries(attributes.map(({ key, value }) => [key, value.stringValue ?? Number(value.intValue)]));
