/** Something about a schema file that must not be published like this. */
export interface SchemaProblem {
  /** Below the folder of schemas: `orders.events/OrderPlaced.v2.avsc`. */
  readonly file: string;
  readonly rule: string;
  /** From the record down, as `Incompatibility.path` writes it; empty for the file as a whole. */
  readonly field: string;
  /** What it was compared with: earlier versions (`v1`), or a commit. */
  readonly against: readonly string[];
  readonly sentence: string;
  /** What to do instead. */
  readonly remedy: string;
}
