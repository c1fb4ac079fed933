import { PipelineError } from './errors.ts';

/** @throws PipelineError `config_invalid` when the environment does not give it */
export function requiredValue(env: Readonly<Record<string, string>>, name: string): string {
  const value = env[name];
  if (value !== undefined && value !== '') return value;
  throw new PipelineError('config_invalid', `${name} is not set.`, {
    remedy: `Add it to .env, or set it in the shell.`,
  });
}
