import { z } from 'zod';

/** Text that may come from outside: control characters and lone surrogates are what Postgres can't keep as text, and logs can't show. */
export const plainText = (shortest: number, longest: number) =>
  z
    .string()
    .min(shortest)
    .max(longest)
    .regex(/^[^\p{Cc}\p{Cs}]*$/u, 'must be text without control characters');
