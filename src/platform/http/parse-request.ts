import type { z } from 'zod';
import { type FieldError, invalidRequest } from './problem.ts';

/** The value as the schema gives it back, or a 400 naming every wrong field. */
export function parseRequest<Schema extends z.ZodType>(schema: Schema, value: unknown): z.output<Schema> {
  const result = schema.safeParse(value);
  if (result.success) return result.data;
  throw invalidRequest(fieldErrors(result.error.issues, value));
}

// A body of a thousand bad lines needs no answer of a thousand sentences.
const mostErrorsTold = 20;

export function fieldErrors(issues: readonly z.core.$ZodIssue[], value: unknown): FieldError[] {
  const errors = issues.flatMap((issue) => describeIssue(issue, value));
  if (errors.length <= mostErrorsTold) return errors;
  return [
    ...errors.slice(0, mostErrorsTold),
    { field: '', reason: `and ${errors.length - mostErrorsTold} more` },
  ];
}

function describeIssue(issue: z.core.$ZodIssue, value: unknown): FieldError[] {
  if (issue.code === 'unrecognized_keys') {
    return issue.keys.map((key) => ({ field: fieldName([...issue.path, key]), reason: 'unknown field' }));
  }
  const field = fieldName(issue.path);
  if (issue.code === 'invalid_type' && valueAt(value, issue.path) === undefined) {
    return [{ field, reason: field === '' ? 'a JSON body is required' : 'is required' }];
  }
  return [{ field, reason: reasonOf(issue) }];
}

/** zod's words where they are a sentence of ours already, else plainer ones. */
function reasonOf(issue: z.core.$ZodIssue): string {
  switch (issue.code) {
    case 'invalid_type':
      if (issue.expected === 'int') return 'must be a whole number';
      return `must be ${withArticle(issue.expected)}${issue.message.replace(/^.*, received/, ', not')}`;
    case 'too_small':
      return `must ${boundOf(issue.origin)} at least ${issue.minimum}${unitOf(issue.origin, issue.minimum)}`;
    case 'too_big':
      return `must ${boundOf(issue.origin)} at most ${issue.maximum}${unitOf(issue.origin, issue.maximum)}`;
    case 'invalid_format':
      return issue.format === 'uuid' ? 'must be a UUID' : issue.message;
    default:
      return issue.message.replace(/^Invalid (input|option): /, '');
  }
}

const withArticle = (type: string): string => `${/^[aeiou]/.test(type) ? 'an' : 'a'} ${type}`;
const boundOf = (origin: string): string => (origin === 'string' || origin === 'array' ? 'have' : 'be');
const unitOf = (origin: string, count: number | bigint): string => {
  const unit = { string: ' character', array: ' item' }[origin];
  return unit === undefined ? '' : `${unit}${count === 1 ? '' : 's'}`;
};

function valueAt(value: unknown, path: readonly PropertyKey[]): unknown {
  return path.reduce<unknown>(
    (inner, key) => (inner as Record<PropertyKey, unknown> | undefined)?.[key],
    value,
  );
}

/** `lines[0].quantity` from ['lines', 0, 'quantity']. */
function fieldName(path: readonly PropertyKey[]): string {
  return path.reduce<string>((name, key) => {
    if (typeof key === 'number') return `${name}[${key}]`;
    return name === '' ? String(key) : `${name}.${String(key)}`;
  }, '');
}
