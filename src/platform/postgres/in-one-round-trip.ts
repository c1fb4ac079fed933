/**
 * Waits for statements of one transaction that were all sent without waiting for each other; in the order in which they were sent.
 * @throws what the first that failed threw: Postgres refuses those behind it only because of that one (SQLSTATE 25P02)
 */
export async function inOneRoundTrip<const T extends readonly unknown[]>(
  sent: T,
): Promise<{ -readonly [P in keyof T]: Awaited<T[P]> }> {
  const results = await Promise.allSettled(sent);
  const failed = results.find((result) => result.status === 'rejected');
  if (failed !== undefined) throw failed.reason;
  return results.map((result) => (result as PromiseFulfilledResult<unknown>).value) as {
    -readonly [P in keyof T]: Awaited<T[P]>;
  };
}
