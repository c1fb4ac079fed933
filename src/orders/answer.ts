/** How a client names a request that it may send again. Keys of different clients have nothing to do with each other. */
export interface IdempotencyKey {
  readonly clientId: string;
  readonly key: string;
  /** Of what was asked for: the same key with another hash is the client's mistake. */
  readonly requestHash: Buffer;
}

/** The first answer to a request, as kept. */
export interface Answer extends IdempotencyKey {
  readonly httpStatus: number;
  /** The body, JSON. */
  readonly text: string;
}
