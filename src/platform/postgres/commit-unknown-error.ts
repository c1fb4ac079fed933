/** The connection broke during COMMIT: the transaction may have been committed or not. */
export class CommitUnknownError extends Error {
  constructor(cause: unknown) {
    super('the connection broke during COMMIT; whether it was done is not known', { cause });
    this.name = 'CommitUnknownError';
  }
}
