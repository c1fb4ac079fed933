import { InvalidArgumentError } from 'commander';

/** Reads an option that counts something, or is a number of something. */
export function countOption(text: string): number {
  const value = Number(text);
  if (!Number.isInteger(value) || value < 0) throw new InvalidArgumentError('Give a whole number.');
  return value;
}
