/** A run of records, and the positions before and after it. */
export interface RecordChunk<Record> {
  readonly from: number;
  readonly to: number;
  readonly records: readonly Record[];
}

/**
 * Splits what was fetched so that one transaction gets at most `maxSize` events. The chunks join without a hole from
 * `from` to `end`: offsets between the records (control records of transactions) belong to the chunk before them.
 */
export function chunkRecords<Record extends { readonly offset: string }>(
  records: readonly Record[],
  span: { readonly from: number; readonly end: number; readonly maxSize: number },
): RecordChunk<Record>[] {
  const chunks: RecordChunk<Record>[] = [];
  let { from } = span;
  for (let start = 0; start < records.length; start += span.maxSize) {
    const next = records[start + span.maxSize];
    const to = next === undefined ? span.end : Number(next.offset);
    chunks.push({ from, to, records: records.slice(start, start + span.maxSize) });
    from = to;
  }
  return chunks;
}

/** The first `count` records and the rest, joining as the one chunk did; the chunk itself when nothing is left. */
export function splitChunk<Chunk extends RecordChunk<{ readonly offset: string }>>(
  chunk: Chunk,
  count: number,
): [Chunk, ...Chunk[]] {
  const rest = chunk.records.slice(count);
  if (rest.length === 0) return [chunk];
  const middle = Number(rest[0]?.offset);
  return [
    { ...chunk, to: middle, records: chunk.records.slice(0, count) },
    { ...chunk, from: middle, records: rest },
  ];
}
