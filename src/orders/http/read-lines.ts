/** One line of a stream, without its end; `undefined` where it was longer than allowed. Numbered from 1, empty ones too. */
export interface StreamLine {
  readonly number: number;
  readonly bytes: Buffer | undefined;
}

const newline = 0x0a;

/**
 * Cuts a stream of bytes into lines. Holds at most `maxBytes` and one chunk of the stream: the rest of a line that is too
 * long is thrown away as it comes. The source is read only as fast as lines are taken.
 */
export async function* readLines(
  source: AsyncIterable<Buffer>,
  maxBytes: number,
): AsyncGenerator<StreamLine> {
  let number = 1;
  let parts: Buffer[] = [];
  let length = 0;
  const take = (): StreamLine => {
    const line = { number: number++, bytes: length > maxBytes ? undefined : Buffer.concat(parts, length) };
    parts = [];
    length = 0;
    return line;
  };
  const add = (part: Buffer): void => {
    length += part.length;
    if (length > maxBytes) parts = [];
    else parts.push(part);
  };
  for await (const chunk of source) {
    let start = 0;
    for (let end = chunk.indexOf(newline); end !== -1; end = chunk.indexOf(newline, start)) {
      add(chunk.subarray(start, end));
      start = end + 1;
      yield take();
    }
    add(chunk.subarray(start));
  }
  if (length > 0) yield take();
}
