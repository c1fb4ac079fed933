import { traceparentOf } from './traceparent.ts';

export type SpanAttributes = Readonly<Record<string, string | number>>;

export interface SpanStart {
  readonly name: string;
  readonly kind: 'server' | 'consumer';
  /** W3C traceparent of what caused it; without a valid one it begins a trace. */
  readonly parent: string | null | undefined;
  readonly attributes: SpanAttributes;
}

export interface SpanEnd {
  /** Known only now; in place of the name that it began with. */
  readonly name?: string;
  readonly attributes?: SpanAttributes;
  /** Ends it with status ERROR. No payloads, no rows. */
  readonly error?: string;
}

/** A span that is never ended is never told. */
export interface Span {
  /** W3C traceparent of this span: what is caused by it passes it on. */
  readonly traceparent: string;
  end(end?: SpanEnd): void;
}

/** The door to whatever collects spans. None of it waits for the collector or throws because of it. */
export interface Tracing {
  /** False: spans go nowhere, so whoever would make one for each of many events need not. */
  readonly isOn: boolean;
  startSpan(start: SpanStart): Span;
}

/** Passes a trace on as it came, or begins one; tells nobody. */
export const tracingOff: Tracing = {
  isOn: false,
  startSpan: ({ parent }) => ({ traceparent: traceparentOf(parent), end: () => undefined }),
};
