import { InvalidArgumentError } from 'commander';

/** Reads an option that is a number of seconds. */
export function secondsOption(text: string): number {
  const value = Number(text);
  if (!(value > 0)) throw new InvalidArgumentError('Give a number of seconds above 0.');
  return value;
}

/** Reads an option that counts something. */
export function countOption(text: string): number {
  const value = Number(text);
  if (!Number.isInteger(value) || value < 0) throw new InvalidArgumentError('Give a whole number.');
  return value;
}
