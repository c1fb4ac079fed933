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

/** Two chunks that join as the one did. It must have at least two records. */
export function halveChunk<Record extends { readonly offset: string }>(
  chunk: RecordChunk<Record>,
): [RecordChunk<Record>, RecordChunk<Record>] {
  const { from, to, records } = chunk;
  const half = Math.ceil(records.length / 2);
  const second = records.slice(half);
  const middle = Number(second[0]?.offset);
  return [
    { from, to: middle, records: records.slice(0, half) },
    { from: middle, to, records: second },
  ];
}
