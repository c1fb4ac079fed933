import { sqlState } from './postgres-errors.ts';

/**
 * Waits for statements of one transaction that were all sent without waiting for each other; in the order in which they were sent.
 * @throws what the first that failed threw; not that Postgres refused one only because of another (SQLSTATE 25P02)
 */
export async function inOneRoundTrip<const T extends readonly unknown[]>(
  sent: T,
): Promise<{ -readonly [P in keyof T]: Awaited<T[P]> }> {
  const results = await Promise.allSettled(sent);
  const failed = results.filter((result) => result.status === 'rejected');
  const cause = failed.find(({ reason }) => sqlState(reason) !== '25P02') ?? failed[0];
  if (cause !== undefined) throw cause.reason;
  return results.map((result) => (result as PromiseFulfilledResult<unknown>).value) as {
    -readonly [P in keyof T]: Awaited<T[P]>;
  };
}
