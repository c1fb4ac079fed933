import { PipelineError } from '../../platform/errors.ts';
import type { Transaction } from '../../platform/postgres/transaction.ts';
import { quoted } from './second-schema.ts';

interface Constraint {
  readonly table: string;
  readonly name: string;
  readonly kind: 'c' | 'f';
  readonly definition: string;
  /** Of a check: what must hold of each row. */
  readonly expression: string | null;
}

const SHOWN = 5;

async function readConstraints(tx: Transaction, schema: string): Promise<Constraint[]> {
  const { rows } = await tx.query<Constraint>({
    name: 'rebuild_read_constraints',
    text: `select relname::text as "table", conname::text as name, contype::text as kind,
                  pg_get_constraintdef(pg_constraint.oid, true) as definition, pg_get_expr(conbin, conrelid) as expression
           from pg_constraint join pg_class on pg_class.oid = conrelid
           where relnamespace = to_regnamespace(quote_ident($1)) and contype in ('c', 'f') order by contype, relname, conname`,
    values: [schema],
  });
  return rows;
}

/** Of a state that was live before: a replay may pass through what they forbid. */
export async function dropChecks(tx: Transaction, schema: string): Promise<void> {
  for (const { table, name } of await readConstraints(tx, schema))
    await tx.query({
      text: `alter table ${quoted(schema)}.${quoted(table)} drop constraint ${quoted(name)}`,
    });
}

/** What the second state breaks of the live one's constraints: a sentence each, with the first rows. */
export async function findBroken(tx: Transaction, live: string, second: string): Promise<string[]> {
  const broken: string[] = [];
  for (const { table, name, kind, expression } of await readConstraints(tx, live)) {
    if (kind !== 'c' || expression === null) continue;
    const { rows } = await tx.query<{ row: unknown; all: number }>({
      text: `select to_jsonb(broken) as row, count(*) over () as all from ${quoted(second)}.${quoted(table)} as broken
             where not (${expression}) limit ${SHOWN}`,
    });
    const [first] = rows;
    if (first === undefined) continue;
    const shown = rows.map(({ row }) => JSON.stringify(row)).join(', ');
    broken.push(
      `${table}: ${name} does not hold for ${first.all} ${first.all === 1 ? 'row' : 'rows'}: ${shown}`,
    );
  }
  return broken;
}

/**
 * Gives the second state the live one's check and foreign key constraints, by name.
 * @throws PipelineError `rebuild_refused` naming the rows that break one
 */
export async function addChecks(tx: Transaction, live: string, second: string): Promise<void> {
  const broken = await findBroken(tx, live, second);
  if (broken.length > 0)
    throw new PipelineError(
      'rebuild_refused',
      `The rebuilt state of ${live} can not be: ${broken.join('; ')}.`,
      {
        remedy:
          'What was promised then is more than there is: put that right in the live state by its own ways (count the shelf, cancel), then swap again.',
      },
    );
  // Names without schema in the definitions are the live tables' until the path says otherwise.
  await tx.query({ text: `set local search_path to ${quoted(live)}` });
  const constraints = await readConstraints(tx, live);
  await tx.query({ text: `set local search_path to ${quoted(second)}` });
  for (const { table, name, definition } of constraints)
    await tx.query({
      text: `alter table ${quoted(second)}.${quoted(table)} add constraint ${quoted(name)} ${definition}`,
    });
}
