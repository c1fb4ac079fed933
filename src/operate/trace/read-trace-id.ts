/** Longer than any id or key that the services take. */
const AT_MOST = 200;
const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-([0-9a-f])[0-9a-f]{3}-[0-9a-f]{4}-[0-9a-f]{12}$/i;

/** An id to look for, or what is wrong with it, in words that follow the name of the field. */
export type ReadTraceId = { readonly id: string } | { readonly problem: string };

/** Reads what a person gives as the id of an order, an event or a customer. Pure. */
export function readTraceId(given: string): ReadTraceId {
  const id = given.trim();
  if (id === '') return { problem: 'must not be empty: give the id of an order, an event or a customer' };
  if (id.length > AT_MOST) return { problem: `must have at most ${AT_MOST} characters` };
  // Postgres has no NUL in a text, and no id has any other.
  if (/\p{Cc}/u.test(id)) return { problem: 'must have no control characters' };
  if (!id.isWellFormed()) return { problem: 'must be whole Unicode characters' };
  return { id: UUID.test(id) ? id.toLowerCase() : id };
}

export const isUuid = (id: string): boolean => UUID.test(id);

/** Whether the id begins with the time at which it was made. */
export const isTimedId = (id: string): boolean => UUID.exec(id)?.[1] === '7';
