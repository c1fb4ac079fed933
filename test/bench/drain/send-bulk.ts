import { Readable } from 'node:stream';
import { request } from 'undici';

const LINES_A_CHUNK = 500;

/**
 * Sends all orders in one POST /orders/bulk, streamed both ways.
 * @returns how many were accepted
 */
export async function sendBulk(url: string, bodies: readonly string[]): Promise<number> {
  const response = await request(`${url}/orders/bulk`, {
    method: 'POST',
    headers: { 'content-type': 'application/x-ndjson' },
    body: Readable.from(chunksOf(bodies)),
    headersTimeout: 0,
    bodyTimeout: 0,
  });
  let accepted = 0;
  let rest = '';
  for await (const data of response.body) {
    const lines = (rest + String(data)).split('\n');
    rest = lines.pop() ?? '';
    accepted += lines.filter((line) => line.includes('"PLACED"')).length;
  }
  return accepted;
}

function* chunksOf(bodies: readonly string[]): Generator<string> {
  for (let from = 0; from < bodies.length; from += LINES_A_CHUNK)
    yield `${bodies.slice(from, from + LINES_A_CHUNK).join('\n')}\n`;
}
