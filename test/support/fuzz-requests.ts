import fc from 'fast-check';

/** What of an OpenAPI document requests are made from. */
export interface OpenApi {
  readonly paths: Readonly<Record<string, Readonly<Record<string, Operation>>>>;
  readonly components: object;
}
export interface Operation {
  readonly parameters: readonly { name: string; in: string; schema: Schema }[];
  readonly requestBody?: { readonly content: Readonly<Record<string, { readonly schema: Schema }>> };
  readonly responses: Readonly<
    Record<string, { readonly content: Readonly<Record<string, { schema: object }>> }>
  >;
}
interface Schema {
  readonly type?: string;
  readonly properties?: Readonly<Record<string, Schema>>;
  readonly required?: readonly string[];
  readonly items?: Schema;
  readonly minimum?: number;
  readonly maximum?: number;
  readonly minLength?: number;
  readonly maxLength?: number;
  readonly pattern?: string;
  readonly format?: string;
  readonly const?: unknown;
}

/** A request as bytes, and where its body was spoilt: undefined where it is as the document has it. */
export interface FuzzedRequest {
  /** As sent, which need not be the operation's. */
  readonly method: string;
  readonly bytes: Buffer;
  readonly spoiltAt: string | undefined;
}

/** JSON as text, since no value of JavaScript says -0, 1e999 or the same name twice. */
const HOSTILE: readonly string[] = [
  ...['null', 'true', '[]', '{}', '""', '"a"', '0', '-0', '-1', '1.5', '1e999', '9007199254740993', '1e-400'],
  ...[
    '"\\u0000"',
    '"\\ud800"',
    '"\\u001b[2J"',
    '"\\u202e"',
    '"__proto__"',
    '"\'; drop table orders.orders; --"',
    '"${env:PATH}"',
  ],
  ...[
    '{"__proto__":{"a":1}}',
    '{"constructor":{"prototype":{"a":1}}}',
    '{"a":1,"a":2}',
    '{"toString":null,"length":-1}',
  ],
  JSON.stringify('x'.repeat(20_000)),
  `[${'1,'.repeat(9_999)}1]`,
  '['.repeat(2_000) + ']'.repeat(2_000),
];
const ODD_TEXTS = [
  '',
  '%00',
  '%',
  '%zz',
  '..%2f..%2fetc%2fpasswd',
  '%ed%a0%80',
  'a'.repeat(8_000),
  '__proto__',
  '-1',
  '1e9',
  '0x10',
  'null',
  '[]',
  '%0d%0aX: y',
];
const ODD_HEADERS = [
  'Content-Type: text/plain',
  'Content-Type: application/json; charset=utf-16',
  'Content-Type: application/json; charset="',
  'Content-Encoding: gzip',
  'Accept: image/png',
  'Expect: 100-continue',
  'Expect: soup',
  'Host: elsewhere',
  'traceparent: 00-zz',
  'Idempotency-Key: \x7f',
  `X: ${'y'.repeat(17_000)}`,
  'Range: bytes=0-1',
  'If-None-Match: *',
  'Upgrade: websocket',
];
const ODD_METHODS = [
  'PUT',
  'DELETE',
  'PATCH',
  'HEAD',
  'OPTIONS',
  'TRACE',
  'CONNECT',
  'PROPFIND',
  'NONE',
  'get',
];

/** A value that the schema takes, where it can be told from the document. */
function valueOf(schema: Schema): fc.Arbitrary<unknown> {
  if (schema.const !== undefined) return fc.constant(schema.const);
  switch (schema.type) {
    case 'integer':
    case 'number':
      return fc.integer({
        min: Math.max(schema.minimum ?? 1, 0),
        max: Math.min(schema.maximum ?? 1_000, 1_000),
      });
    case 'array':
      return fc.array(valueOf(schema.items ?? {}), { minLength: 1, maxLength: 3 });
    case 'object': {
      const properties = Object.entries(schema.properties ?? {}).map(
        ([name, inner]) => [name, valueOf(inner)] as const,
      );
      return fc.record(Object.fromEntries(properties), {
        requiredKeys: [...(schema.required ?? [])],
        noNullPrototype: true,
      });
    }
    default:
      return textOf(schema);
  }
}

function textOf({ format, pattern, maxLength = 16 }: Schema): fc.Arbitrary<string> {
  if (format === 'uuid') return fc.uuid();
  if (pattern?.startsWith('^[A-Z]{3}') === true) return fc.constantFrom('GBP', 'EUR');
  if (pattern?.startsWith('^\\d') === true) return fc.integer({ min: 1, max: 200 }).map(String);
  return fc.string({
    minLength: 1,
    maxLength: Math.min(maxLength, 16),
    unit: fc.constantFrom('a', 'Z', '0', '-', 'é', '漢'),
  });
}

const oneIn = <T>(times: number, value: fc.Arbitrary<T>): fc.Arbitrary<T | undefined> =>
  fc.oneof({ arbitrary: fc.constant(undefined), weight: times - 1 }, { arbitrary: value, weight: 1 });

const MARK = '@@spoilt@@';

/** Valid JSON, or with one value, chosen by `at`, replaced by something hostile. */
function bodyOf(schema: Schema): fc.Arbitrary<{ text: string; spoiltAt: string | undefined }> {
  const spoil = oneIn(2, fc.record({ at: fc.nat(), by: fc.constantFrom(...HOSTILE) }));
  return fc.tuple(valueOf(schema), spoil).map(([value, spoilt]) => {
    if (spoilt === undefined) return { text: JSON.stringify(value), spoiltAt: undefined };
    const places = placesIn(value, '');
    const place = places[spoilt.at % places.length] ?? '';
    return {
      text: JSON.stringify(replaced(value, '', place)).replace(`"${MARK}"`, () => spoilt.by),
      spoiltAt: place,
    };
  });
}

const childOf = (parent: string, key: string, isIndex: boolean): string =>
  isIndex ? `${parent}[${key}]` : parent === '' ? key : `${parent}.${key}`;

function placesIn(value: unknown, at: string): string[] {
  if (typeof value !== 'object' || value === null) return [at];
  const isIndex = Array.isArray(value);
  return [at, ...Object.entries(value).flatMap(([key, inner]) => placesIn(inner, childOf(at, key, isIndex)))];
}

function replaced(value: unknown, at: string, place: string): unknown {
  if (at === place) return MARK;
  if (typeof value !== 'object' || value === null) return value;
  const isIndex = Array.isArray(value);
  const entries = Object.entries(value).map(
    ([key, inner]) => [key, replaced(inner, childOf(at, key, isIndex), place)] as const,
  );
  return isIndex ? entries.map(([, inner]) => inner) : Object.fromEntries(entries);
}

/** What happens to bytes on their way. */
const damage = fc.oneof(
  { arbitrary: fc.constant((body: Buffer) => body), weight: 8 },
  { arbitrary: fc.constant((body: Buffer) => body.subarray(0, body.length >> 1)), weight: 1 },
  { arbitrary: fc.constant((body: Buffer) => Buffer.concat([body, Buffer.from([0xff])])), weight: 1 },
  { arbitrary: fc.constant((body: Buffer) => Buffer.concat([Buffer.from('\ufeff'), body])), weight: 1 },
  { arbitrary: fc.constant((body: Buffer) => Buffer.from(body.toString('utf8'), 'utf16le')), weight: 1 },
);

/** A request for this operation: as documented, or with something wrong with its body, its parameters, its headers or its method. */
export function requestFor(
  method: string,
  path: string,
  operation: Operation,
  headers: readonly string[] = ['Host: x'],
): fc.Arbitrary<FuzzedRequest> {
  const [type, { schema }] = Object.entries(operation.requestBody?.content ?? {})[0] ?? [
    '',
    { schema: undefined },
  ];
  const parameter = ({ schema: of, name, in: where }: Operation['parameters'][number]) =>
    fc
      .oneof(
        { arbitrary: textOf(of).map(encodeURIComponent), weight: 3 },
        // Without its parameter a path is another one.
        {
          arbitrary: fc.constantFrom(...ODD_TEXTS.filter((text) => where !== 'path' || text !== '')),
          weight: 1,
        },
      )
      .map((text) => ({ name, where, text }));
  return fc
    .record({
      parameters: fc.tuple(...operation.parameters.map(parameter)),
      body: schema === undefined ? fc.constant({ text: '', spoiltAt: undefined }) : bodyOf(schema),
      harm: damage,
      header: oneIn(5, fc.constantFrom(...ODD_HEADERS)),
      otherMethod: oneIn(12, fc.constantFrom(...ODD_METHODS)),
    })
    .map(({ parameters, body, harm, header, otherMethod }) => {
      const at = parameters.reduce(
        (to, { name, where, text }) => (where === 'path' ? to.replace(`{${name}}`, text) : to),
        path,
      );
      const query = parameters
        .filter(({ where }) => where === 'query')
        .map(({ name, text }) => `${name}=${text}`);
      const whole = Buffer.from(body.text);
      const sent = harm(whole);
      const isWhole = sent === whole && header === undefined && otherMethod === undefined;
      const sentMethod = otherMethod ?? method.toUpperCase();
      const head = [
        `${sentMethod} ${at}${query.length === 0 ? '' : `?${query.join('&')}`} HTTP/1.1`,
        ...headers,
        'Connection: close',
        `Content-Length: ${sent.length}`,
        ...(type === '' || header?.startsWith('Content-Type') === true ? [] : [`Content-Type: ${type}`]),
        ...(header === undefined ? [] : [header]),
      ];
      const bytes = Buffer.concat([Buffer.from(`${head.join('\r\n')}\r\n\r\n`, 'latin1'), sent]);
      return { method: sentMethod, bytes, spoiltAt: isWhole ? body.spoiltAt : undefined };
    });
}
