/**
 * One SQL statement. `name` makes it a prepared statement on its connection and finds it again in pg_stat_statements
 * and logs, so it must be unique in the process and always go with the same text.
 */
export interface Statement {
  readonly text: string;
  readonly name?: string;
  readonly values?: readonly unknown[];
}

export interface StatementResult<Row> {
  readonly rows: Row[];
  readonly rowCount: number;
}

/** What statements can be run on: a pool (each on its own) or a transaction. */
export interface Queryable {
  query<Row = unknown>(statement: Statement): Promise<StatementResult<Row>>;
}
