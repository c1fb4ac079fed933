import { z } from 'zod';
import { PipelineError } from './errors.ts';

/**
 * The environment as typed values, read once at the start of a process.
 * @throws PipelineError `config_invalid` that names every variable that is missing or wrong, all at once.
 */
export function readConfig<Schema extends z.ZodType>(
  schema: Schema,
  env: NodeJS.Dict<string>,
): z.infer<Schema> {
  const result = schema.safeParse(env);
  if (result.success) return result.data;
  const reasons = result.error.issues.map((issue) => `${issue.path.join('.')}: ${describeIssue(issue, env)}`);
  throw new PipelineError('config_invalid', `The configuration is not usable: ${reasons.join('; ')}.`, {
    remedy: 'Set these environment variables (.env.example lists them) and start again.',
  });
}

function describeIssue(issue: z.core.$ZodIssue, env: NodeJS.Dict<string>): string {
  const isMissing = issue.code === 'invalid_type' && env[issue.path.join('.')] === undefined;
  return isMissing ? 'is not set' : issue.message;
}

/** A whole number given as text, as environment variables are. */
export const integerText = (min: number, max: number) =>
  z
    .string()
    .regex(/^\d+$/, 'must be a whole number')
    .transform(Number)
    .pipe(z.number().min(min, `must be at least ${min}`).max(max, `must be at most ${max}`));

/** `host:port,host:port` as a list. */
export const listText = z
  .string()
  .min(1)
  .transform((text) =>
    text
      .split(',')
      .map((item) => item.trim())
      .filter((item) => item !== ''),
  );
