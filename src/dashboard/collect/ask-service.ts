import { PipelineError } from '../../platform/errors.ts';

/**
 * Asks one of the services over HTTP and gives the text of its answer.
 * @throws Error with a sentence, for no answer and for an answer that is none of success
 */
export async function askService(url: string, path: string, withinMs: number): Promise<string> {
  let response: Response;
  try {
    response = await fetch(`${url}${path}`, { signal: AbortSignal.timeout(withinMs) });
  } catch (error) {
    throw new PipelineError('deadline_passed', `${url} does not answer.`, {
      remedy: 'Start it (npm start), or say where it is.',
      cause: error,
    });
  }
  const text = await response.text();
  if (!response.ok) throw new Error(`${url}${path} answers with status ${response.status}`);
  return text;
}
