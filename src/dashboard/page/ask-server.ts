import { tell } from './parts/told.tsx';

/** A refusal of the server, in its own words. */
export class RefusedError extends Error {}

/**
 * Sends an action. The header is what a page of another site can't send without being asked for it first.
 * @throws RefusedError with the server's sentence
 */
export async function post<Answer>(path: string, body: unknown): Promise<Answer> {
  return read<Answer>(
    await fetch(`./api/${path}`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', 'x-dashboard': '1' },
      body: JSON.stringify(body),
    }),
  );
}

/** @throws RefusedError */
export async function get<Answer>(path: string): Promise<Answer> {
  return read<Answer>(await fetch(`./api/${path}`));
}

async function read<Answer>(response: Response): Promise<Answer> {
  const body: unknown = await response.json().catch(() => undefined);
  if (!response.ok) throw new RefusedError(problemOf(body) ?? `The server answered ${response.status}.`);
  return body as Answer;
}

function problemOf(body: unknown): string | undefined {
  if (typeof body !== 'object' || body === null) return undefined;
  const { detail, title } = body as { detail?: unknown; title?: unknown };
  return typeof detail === 'string' ? detail : typeof title === 'string' ? title : undefined;
}

/** Does it and says on the page what came of it. */
export async function actAndTell(path: string, body: unknown, done: string): Promise<void> {
  try {
    const { said } = await post<{ said?: string }>(path, body);
    tell(said ?? done, true);
  } catch (error) {
    tell(error instanceof RefusedError ? error.message : 'The dashboard could not be reached.', false);
  }
}
